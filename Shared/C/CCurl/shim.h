// libcurl, with a typed function for each way in which its variadic ones are used.
//
// It is loaded when it is first needed: with the thirty libraries that it needs itself it takes 4 MiB, and most
// processes never speak TLS.
#pragma once
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>

#define SLIPWAY_CURL_FUNCTIONS(USE) \
    USE(global_init) USE(slist_append) USE(slist_free_all) \
    USE(easy_init) USE(easy_cleanup) USE(easy_setopt) USE(easy_getinfo) USE(easy_pause) USE(easy_strerror) \
    USE(multi_init) USE(multi_cleanup) USE(multi_setopt) USE(multi_add_handle) USE(multi_remove_handle) \
    USE(multi_socket_action) USE(multi_info_read)

struct slipway_curl {
#define SLIPWAY_CURL_MEMBER(name) __typeof__(&curl_##name) name;
    SLIPWAY_CURL_FUNCTIONS(SLIPWAY_CURL_MEMBER)
#undef SLIPWAY_CURL_MEMBER
};

// NULL if libcurl is not installed. The first call takes some milliseconds.
static inline const struct slipway_curl *slipway_curl(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct slipway_curl functions;
    static int state; // 1 when it is loaded, -1 when it cannot be
    if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) == 0) {
        pthread_mutex_lock(&lock);
        if (state == 0) {
            void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
            int is_whole = library != NULL;
#define SLIPWAY_CURL_FIND(name) \
    if (is_whole) is_whole = (functions.name = (__typeof__(&curl_##name))dlsym(library, "curl_" #name)) != NULL;
            SLIPWAY_CURL_FUNCTIONS(SLIPWAY_CURL_FIND)
#undef SLIPWAY_CURL_FIND
            __atomic_store_n(&state, is_whole ? 1 : -1, __ATOMIC_RELEASE);
        }
        pthread_mutex_unlock(&lock);
    }
    return state == 1 ? &functions : NULL;
}

// Whether what follows may be called.
static inline int slipway_curl_is_there(void) { return slipway_curl() != NULL; }

typedef size_t (*slipway_curl_data_callback)(char *data, size_t size, size_t count, void *context);

static inline CURLcode slipway_curl_global_init(long flags) { return slipway_curl()->global_init(flags); }

static inline struct curl_slist *slipway_curl_slist_append(struct curl_slist *list, const char *text) {
    return slipway_curl()->slist_append(list, text);
}

static inline void slipway_curl_slist_free_all(struct curl_slist *list) { slipway_curl()->slist_free_all(list); }

static inline CURL *slipway_curl_easy_init(void) { return slipway_curl()->easy_init(); }

static inline void slipway_curl_easy_cleanup(CURL *handle) { slipway_curl()->easy_cleanup(handle); }

static inline CURLcode slipway_curl_easy_pause(CURL *handle, int actions) {
    return slipway_curl()->easy_pause(handle, actions);
}

static inline const char *slipway_curl_easy_strerror(CURLcode code) { return slipway_curl()->easy_strerror(code); }

static inline CURLcode slipway_curl_set_long(CURL *handle, CURLoption option, long value) {
    return slipway_curl()->easy_setopt(handle, option, value);
}

static inline CURLcode slipway_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return slipway_curl()->easy_setopt(handle, option, value);
}

static inline CURLcode slipway_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return slipway_curl()->easy_setopt(handle, option, value);
}

static inline CURLcode slipway_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return slipway_curl()->easy_setopt(handle, option, value);
}

// libcurl keeps a copy.
static inline CURLcode slipway_curl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
    return slipway_curl()->easy_setopt(handle, option, &blob);
}

static inline CURLcode slipway_curl_set_data_callback(CURL *handle, CURLoption option,
                                                      slipway_curl_data_callback callback) {
    return slipway_curl()->easy_setopt(handle, option, callback);
}

static inline void *slipway_curl_private(CURL *handle) {
    char *context = 0;
    slipway_curl()->easy_getinfo(handle, CURLINFO_PRIVATE, &context);
    return context;
}

static inline CURLM *slipway_curl_multi_init(void) { return slipway_curl()->multi_init(); }

static inline CURLMcode slipway_curl_multi_cleanup(CURLM *multi) { return slipway_curl()->multi_cleanup(multi); }

static inline CURLMcode slipway_curl_multi_add_handle(CURLM *multi, CURL *handle) {
    return slipway_curl()->multi_add_handle(multi, handle);
}

static inline CURLMcode slipway_curl_multi_remove_handle(CURLM *multi, CURL *handle) {
    return slipway_curl()->multi_remove_handle(multi, handle);
}

static inline CURLMcode slipway_curl_multi_socket_action(CURLM *multi, curl_socket_t socket, int events, int *running) {
    return slipway_curl()->multi_socket_action(multi, socket, events, running);
}

static inline CURLMcode slipway_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return slipway_curl()->multi_setopt(multi, option, value);
}

static inline CURLMcode slipway_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
    return slipway_curl()->multi_setopt(multi, option, value);
}

static inline CURLMcode slipway_curl_multi_set_socket_callback(CURLM *multi, curl_socket_callback callback) {
    return slipway_curl()->multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}

static inline CURLMcode slipway_curl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback callback) {
    return slipway_curl()->multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
}

// The next transfer that has ended, and how; null when there is none.
static inline CURL *slipway_curl_next_done(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = slipway_curl()->multi_info_read(multi, &left))) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return 0;
}
