#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

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
