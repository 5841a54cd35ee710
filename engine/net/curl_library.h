#pragma once

#include "engine/base/result.h"

#include <curl/curl.h>

namespace skillbox {

/// The functions of libcurl that we use, from the library loaded at the first call. Linking it
/// would cost every command 5 ms at its start (32 libraries come with it), and most never talk to a
/// server. Thread-safe.
struct CurlLibrary {
    decltype(&::curl_easy_init) easyInit = nullptr;
    decltype(&::curl_easy_setopt) easySetopt = nullptr;
    decltype(&::curl_easy_perform) easyPerform = nullptr;
    decltype(&::curl_easy_reset) easyReset = nullptr;
    decltype(&::curl_easy_getinfo) easyGetinfo = nullptr;
    decltype(&::curl_easy_cleanup) easyCleanup = nullptr;
    decltype(&::curl_easy_strerror) easyStrerror = nullptr;
    decltype(&::curl_slist_append) slistAppend = nullptr;
    decltype(&::curl_slist_free_all) slistFreeAll = nullptr;

    /// The error says which package is missing.
    static Result<const CurlLibrary *> load();
};

} // namespace skillbox
