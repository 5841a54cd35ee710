#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <clocale>
#include <locale.h>

#include <memory>

struct archive;

namespace skillbox {

// What reading and writing by libarchive share; included by archive_reader and archive_writer only.

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

/// Looks for the mark of a data descriptor in content that comes in pieces.
class DescriptorMarkSearch
{
public:
    void add(QByteArrayView bytes)
    {
        constexpr qsizetype overlap = 3;
        m_found = m_found
            || (m_tail + bytes.first(qMin(overlap, bytes.size())).toByteArray()).contains(mark())
            || bytes.contains(mark());
        m_tail = (m_tail + bytes.last(qMin(overlap, bytes.size())).toByteArray()).right(overlap);
    }
    bool found() const { return m_found; }

private:
    static QByteArrayView mark() { return QByteArrayView("PK\7\10", 4); }
    QByteArray m_tail;
    bool m_found = false;
};

} // namespace skillbox
