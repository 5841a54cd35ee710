#pragma once

#include "engine/files/archive_library.h"

#include <QByteArray>
#include <QByteArrayView>

namespace skillbox {

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
