#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

namespace skillbox {

/// One JSON value (RFC 8259), validated, in compact UTF-8. Numbers and the order of members stay
/// as they were written: a run's input and output pass through us unchanged but for white space,
/// where a parse into doubles would turn 1.0 into 1 and lose digits of large integers.
class JsonText
{
public:
    JsonText() = default; ///< isEmpty(): no value at all, which is not `null`

    /// Accepts any JSON value. Refuses invalid UTF-8, trailing text, NaN, numbers beyond the range
    /// of a double, and more than `maxDepth` nested arrays and objects; the message says what is
    /// wrong and at which line and column. Does not recurse.
    static Result<JsonText> parse(QByteArrayView text, int maxDepth = 512);

    bool isEmpty() const { return m_bytes.isEmpty(); }
    bool isNull() const { return m_bytes == "null"; }
    bool isObject() const { return m_bytes.startsWith('{'); }
    const QByteArray &bytes() const { return m_bytes; }

    friend bool operator==(const JsonText &a, const JsonText &b) { return a.m_bytes == b.m_bytes; }

private:
    QByteArray m_bytes;
};

} // namespace skillbox
