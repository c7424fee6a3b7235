#pragma once
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

/// SHA-256, looked up once: `EVP_sha256()` is looked up again by every digest, which takes longer than a short digest.
/// Of two threads that come first, each may find its own; both stay valid.
static inline const EVP_MD *sha256Algorithm(void) {
    static EVP_MD *found;
    EVP_MD *algorithm = __atomic_load_n(&found, __ATOMIC_ACQUIRE);
    if (algorithm == NULL) {
        algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
        __atomic_store_n(&found, algorithm, __ATOMIC_RELEASE);
    }
    return algorithm;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
/// SHA-256 of bytes that are in memory, without a context on the heap. The older interface, which takes the work
/// straight to the instructions: EVP runs through ten times as much code on the way, longer than a token is hashed.
static inline int sha256AtOnce(const unsigned char *bytes, size_t count, unsigned char *digest) {
    SHA256_CTX context;
    return SHA256_Init(&context) == 1 && SHA256_Update(&context, bytes, count) == 1 &&
           SHA256_Final(digest, &context) == 1;
}
#pragma GCC diagnostic pop

/// The numbers of an RSA key. The builder keeps the names' addresses, which a Swift string does not have for long.
static inline int pushRSA(OSSL_PARAM_BLD *builder, const BIGNUM *modulus, const BIGNUM *exponent) {
    return OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
           OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1;
}

/// A point on P-256, both of its coordinates behind a 4.
static inline int pushP256(OSSL_PARAM_BLD *builder, const unsigned char *point, size_t length) {
    return OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
           OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, length) == 1;
}

/// What of a key is read; a macro that Swift does not see.
static const int publicKeySelection = EVP_PKEY_PUBLIC_KEY;
