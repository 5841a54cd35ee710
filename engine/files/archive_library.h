#pragma once

#include <clocale>
#include <locale.h>

#include <memory>

struct archive;

namespace skillbox {

// What our adapters of libarchive share; only they include this.

struct ArchiveCloser {
    int (*free)(struct archive *);
    void operator()(struct archive *handle) const { free(handle); }
};
using ArchiveHandle = std::unique_ptr<struct archive, ArchiveCloser>;

/// libarchive converts names by the thread's locale and sets the flag for UTF-8 names by it; while
/// one of these lives the thread has UTF-8, whatever the process was started with.
class Utf8Locale
{
public:
    Utf8Locale()
        : m_mine(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr))
        , m_before(m_mine ? uselocale(m_mine) : nullptr)
    {
    }
    ~Utf8Locale()
    {
        if (m_mine) {
            uselocale(m_before);
            freelocale(m_mine);
        }
    }
    Utf8Locale(const Utf8Locale &) = delete;
    Utf8Locale &operator=(const Utf8Locale &) = delete;

private:
    locale_t m_mine;
    locale_t m_before;
};

} // namespace skillbox
