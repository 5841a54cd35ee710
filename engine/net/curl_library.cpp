#include "engine/net/curl_library.h"

#include <dlfcn.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// The interface of this number has been the same since 2006 (curl's docs/libcurl/ABI.md).
constexpr const char *libraryName = "libcurl.so.4";

template<typename Function>
bool find(void *library, const char *name, Function &target)
{
    target = reinterpret_cast<Function>(::dlsym(library, name));
    return target != nullptr;
}

Result<CurlLibrary> loadLibrary()
{
    void *const library = ::dlopen(libraryName, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        return fail(ErrorCode::Internal,
                    u"talking to a server needs libcurl, which is not installed\n"
                    "install it with: apt install libcurl4"_s,
                    QString::fromLocal8Bit(::dlerror()));
    }
    decltype(&::curl_global_init) globalInit = nullptr;
    CurlLibrary curl;
    const bool complete = find(library, "curl_global_init", globalInit)
        && find(library, "curl_easy_init", curl.easyInit)
        && find(library, "curl_easy_setopt", curl.easySetopt)
        && find(library, "curl_easy_perform", curl.easyPerform)
        && find(library, "curl_easy_reset", curl.easyReset)
        && find(library, "curl_easy_getinfo", curl.easyGetinfo)
        && find(library, "curl_easy_cleanup", curl.easyCleanup)
        && find(library, "curl_easy_strerror", curl.easyStrerror)
        && find(library, "curl_slist_append", curl.slistAppend)
        && find(library, "curl_slist_free_all", curl.slistFreeAll);
    if (!complete || globalInit(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fail(ErrorCode::Internal, u"the installed libcurl cannot be used"_s);
    return curl; // stays loaded: its threads and handles may outlive every scope of ours
}

} // namespace

Result<const CurlLibrary *> CurlLibrary::load()
{
    static const Result<CurlLibrary> library = loadLibrary();
    if (!library)
        return fail(library.error());
    return &*library;
}

} // namespace skillbox
