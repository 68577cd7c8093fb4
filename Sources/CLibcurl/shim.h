#ifndef DRAGOMAN_CLIBCURL_SHIM_H
#define DRAGOMAN_CLIBCURL_SHIM_H

#include <curl/curl.h>
#include <signal.h>
#include <stddef.h>

// Swift cannot call C functions with variable arguments: one inline function for each type that is passed.

static inline CURLcode dragoman_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode dragoman_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode dragoman_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode dragoman_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode dragoman_curl_set_source(CURL *easy, curl_read_callback read, void *source) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_READFUNCTION, read);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_READDATA, source);
}

// The last reply of the server, 0 when there was none.
static inline long dragoman_curl_reply(CURL *easy) {
    long reply = 0;
    return curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply) == CURLE_OK ? reply : 0;
}

// Call once before the first handle. A handle used off the main thread must not touch signals (CURLOPT_NOSIGNAL), and then
// OpenSSL writing to a closed connection would end the process by SIGPIPE: it is ignored unless the program has a use for it.
static inline int dragoman_curl_start(void) {
    struct sigaction pipe;
    if (sigaction(SIGPIPE, NULL, &pipe) == 0 && !(pipe.sa_flags & SA_SIGINFO) && pipe.sa_handler == SIG_DFL) {
        signal(SIGPIPE, SIG_IGN);
    }
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

#endif
