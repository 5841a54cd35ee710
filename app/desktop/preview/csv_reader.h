#pragma once

#include "app/desktop/preview/random_file.h"

#include <QByteArrayView>
#include <QList>

#include <functional>
#include <optional>
#include <stop_token>

namespace skillbox {

/// How a table is written down. RFC 4180 with other separators.
struct CsvFormat {
    char separator = ',';
    bool header = true; ///< the first record names the columns
    friend bool operator==(const CsvFormat &, const CsvFormat &) = default;
};

/// By the first bytes, and the name where they leave it open.
CsvFormat guessCsvFormat(const QByteArray &firstBytes, const QString &name);

/// A quote that nothing closes so far on is taken for a letter: a stray one must not swallow the
/// rest of a file.
constexpr qsizetype longestCsvRecord = 1 << 20;

/// Walks over the records of a piece of a table; empty lines are no records. Every place that
/// counts records does it with this, so that they all count the same.
class CsvCursor
{
public:
    /// `last`: the table ends with these bytes.
    CsvCursor(QByteArrayView bytes, char separator, bool last)
        : m_bytes(bytes)
        , m_separator(separator)
        , m_last(last)
    {
    }

    /// The next whole record, without its line end; nothing: the bytes are over.
    std::optional<QByteArrayView> next();
    /// Where next() goes on.
    qsizetype position() const { return m_position; }

private:
    qsizetype recordEnd() const;

    QByteArrayView m_bytes;
    char m_separator;
    bool m_last;
    qsizetype m_position = 0;
};

/// The fields of a record, without their quotes. Not more than `most`: what is over stays in the
/// last as it is written.
QList<QByteArray> csvFields(QByteArrayView record, char separator, int most);
/// Only one of them; empty if there are not so many.
QByteArray csvField(QByteArrayView record, char separator, int column);

/// Calls `take(record, offset)` for all records from `start` on until it returns false or a stop is
/// asked for. Memory stays at some MB whatever the size.
void readCsv(const RandomFile &file, char separator, qint64 start, const std::stop_token &stop,
             const std::function<bool(QByteArrayView record, qint64 offset)> &take);

/// Where the first record begins: after a byte order mark.
qint64 csvStart(const RandomFile &file);

} // namespace skillbox
