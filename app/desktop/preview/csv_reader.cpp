#include "app/desktop/preview/csv_reader.h"

#include <QFileInfo>

#include <algorithm>
#include <array>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 readAtOnce = 4 << 20;
constexpr int guessedFrom = 20; ///< records

const char *find(const char *from, const char *to, char wanted)
{
    return from < to
        ? static_cast<const char *>(std::memchr(from, wanted, static_cast<size_t>(to - from)))
        : nullptr;
}

bool isNumber(const QByteArray &text)
{
    bool ok = false;
    text.trimmed().toDouble(&ok);
    return ok;
}

/// The place after a field that begins with a quote: at its separator, line end or the end;
/// nullptr: the quote is not closed before `to`.
const char *afterQuoted(const char *at, const char *to)
{
    ++at;
    while ((at = find(at, to, '"'))) {
        if (at + 1 < to && at[1] == '"') {
            at += 2;
            continue;
        }
        return at + 1;
    }
    return nullptr;
}

} // namespace

qsizetype CsvCursor::recordEnd() const
{
    const char *const begin = m_bytes.data() + m_position;
    const char *const end = m_bytes.data() + m_bytes.size();
    const char *const bound = begin + std::min<qsizetype>(end - begin, longestCsvRecord);
    const char *const newline = find(begin, bound, '\n');
    // Most records have no quote.
    if (newline && !find(begin, newline, '"'))
        return newline - m_bytes.data();
    const bool whole = bound < end || m_last;
    const char *at = begin;
    while (at < bound) {
        if (*at == '"') {
            const char *const after = afterQuoted(at, bound);
            if (!after) {
                if (!whole)
                    return -1;
                break; // a stray quote
            }
            at = after;
        }
        // The rest of the field, up to a separator or the end of the record.
        while (at < bound && *at != m_separator && *at != '\n')
            ++at;
        if (at < bound && *at == '\n')
            return at - m_bytes.data();
        ++at;
    }
    if (newline)
        return newline - m_bytes.data();
    return whole ? bound - m_bytes.data() : -1;
}

std::optional<QByteArrayView> CsvCursor::next()
{
    while (m_position < m_bytes.size()) {
        const qsizetype end = recordEnd();
        if (end < 0)
            return {};
        QByteArrayView record = m_bytes.sliced(m_position, end - m_position);
        if (end < m_bytes.size() && m_bytes.at(end) == '\n')
            m_position = end + 1;
        else
            m_position = end;
        if (record.endsWith('\r'))
            record.chop(1);
        if (!record.isEmpty())
            return record;
    }
    return {};
}

QList<QByteArray> csvFields(QByteArrayView record, char separator, int most)
{
    QList<QByteArray> fields;
    const char *at = record.data();
    const char *const end = at + record.size();
    while (true) {
        if (fields.size() + 1 == most) {
            const QByteArrayView rest(at, end - at);
            if (!find(at, end, separator) && !find(at, end, '"')) {
                fields.append(rest.toByteArray());
                return fields;
            }
        }
        QByteArray field;
        const char *const start = at;
        const char *const closed = at < end && *at == '"' ? afterQuoted(at, end) : nullptr;
        if (closed) {
            field = QByteArray(at + 1, closed - at - 2);
            field.replace("\"\"", "\"");
            at = closed;
        }
        const char *next = find(at, end, separator);
        if (!next)
            next = end;
        field.append(at, next - at);
        if (fields.size() + 1 == most && next < end) {
            fields.append(QByteArray(start, end - start));
            return fields;
        }
        fields.append(field);
        if (next == end)
            return fields;
        at = next + 1;
    }
}

QByteArray csvField(QByteArrayView record, char separator, int column)
{
    const char *at = record.data();
    const char *const end = at + record.size();
    for (int i = 0;; ++i) {
        const char *const start = at;
        const char *const closed = at < end && *at == '"' ? afterQuoted(at, end) : nullptr;
        const char *next = find(closed ? closed : at, end, separator);
        if (!next)
            next = end;
        if (i == column) {
            if (!closed)
                return QByteArray(start, next - start);
            QByteArray field(start + 1, closed - start - 2);
            field.replace("\"\"", "\"");
            field.append(closed, next - closed);
            return field;
        }
        if (next == end)
            return {};
        at = next + 1;
    }
}

void readCsv(const RandomFile &file, char separator, qint64 start, const std::stop_token &stop,
             const std::function<bool(QByteArrayView, qint64)> &take)
{
    qint64 offset = start;
    // The first piece is small: whoever waits for the first rows has them at once.
    qint64 wanted = 2 * longestCsvRecord;
    while (offset < file.size() && !stop.stop_requested()) {
        const QByteArray bytes = file.read(offset, wanted);
        if (bytes.isEmpty())
            return; // somebody cut the file short
        const bool last = offset + bytes.size() >= file.size() || bytes.size() < wanted;
        CsvCursor cursor(bytes, separator, last);
        while (const auto record = cursor.next()) {
            if (!take(*record, offset + (record->data() - bytes.constData())))
                return;
        }
        if (cursor.position() == 0)
            return;
        offset += cursor.position();
        wanted = readAtOnce;
    }
}

qint64 csvStart(const RandomFile &file)
{
    return file.read(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
}

CsvFormat guessCsvFormat(const QByteArray &firstBytes, const QString &name)
{
    const QString suffix = QFileInfo(name).suffix().toLower();
    CsvFormat format;
    format.separator = suffix == "tsv"_L1 || suffix == "tab"_L1 ? '\t' : ',';
    int best = 1;
    for (const char separator : {format.separator, ',', ';', '\t', '|'}) {
        // The one that cuts the first records into equally many fields, and most.
        CsvCursor cursor(firstBytes, separator, false);
        qsizetype fields = 0;
        bool even = true;
        for (int i = 0; i < guessedFrom && even; ++i) {
            const auto record = cursor.next();
            if (!record)
                break;
            const qsizetype count = csvFields(*record, separator, 1000).size();
            even = i == 0 || count == fields;
            fields = count;
        }
        if (even && fields > best) {
            best = static_cast<int>(fields);
            format.separator = separator;
        }
    }
    CsvCursor cursor(firstBytes, format.separator, firstBytes.size() < longestCsvRecord);
    const auto first = cursor.next();
    if (!first)
        return format;
    const QList<QByteArray> names = csvFields(*first, format.separator, 1000);
    format.header = std::none_of(names.begin(), names.end(), [](const QByteArray &field) {
        return isNumber(field) || field.size() > 200;
    });
    return format;
}

} // namespace skillbox
