#include "app/desktop/preview/json_outline.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <cstring>

namespace skillbox {
namespace {

/// The end of the string that begins here, after its quote.
qint64 stringEnd(const QByteArray &text, qint64 begin)
{
    const char *const data = text.constData();
    const char *const end = data + text.size();
    const char *at = data + begin + 1;
    while (at < end) {
        at = static_cast<const char *>(std::memchr(at, '"', static_cast<size_t>(end - at)));
        if (!at)
            return text.size();
        // Behind an even number of backslashes it is the end.
        const char *slash = at;
        while (slash > data && slash[-1] == '\\')
            --slash;
        ++at;
        if ((at - 1 - slash) % 2 == 0)
            return at - data;
    }
    return text.size();
}

/// Reads one member and goes behind the comma that follows it.
JsonMember takeMember(const QByteArray &text, JsonKind kind, qint64 &at)
{
    JsonMember member;
    if (kind == JsonKind::Object) {
        member.key = {at, stringEnd(text, at)};
        at = member.key.end + 1; // the colon
    }
    member.value = {at, jsonValueEnd(text, at)};
    at = member.value.end;
    if (at < text.size() && text.at(at) == ',')
        ++at;
    return member;
}

} // namespace

JsonKind jsonKindAt(const QByteArray &text, qint64 begin)
{
    switch (begin < text.size() ? text.at(begin) : 'n') {
    case '{': return JsonKind::Object;
    case '[': return JsonKind::Array;
    case '"': return JsonKind::String;
    case 't':
    case 'f': return JsonKind::Bool;
    case 'n': return JsonKind::Null;
    default: return JsonKind::Number;
    }
}

bool isContainer(JsonKind kind)
{
    return kind == JsonKind::Object || kind == JsonKind::Array;
}

qint64 jsonValueEnd(const QByteArray &text, qint64 begin)
{
    const JsonKind kind = jsonKindAt(text, begin);
    if (kind == JsonKind::String)
        return stringEnd(text, begin);
    qint64 at = begin;
    if (!isContainer(kind)) {
        while (at < text.size() && text.at(at) != ',' && text.at(at) != '}' && text.at(at) != ']')
            ++at;
        return at;
    }
    int depth = 0;
    while (at < text.size()) {
        switch (text.at(at)) {
        case '"': at = stringEnd(text, at); continue;
        case '{':
        case '[': ++depth; break;
        case '}':
        case ']':
            if (--depth == 0)
                return at + 1;
            break;
        default: break;
        }
        ++at;
    }
    return text.size();
}

JsonMembers jsonMembers(const QByteArray &text, const JsonSpan &container, qint64 limit)
{
    JsonMembers found;
    const JsonKind kind = jsonKindAt(text, container.begin);
    qint64 at = container.begin + 1;
    while (at < container.end - 1) {
        const qint64 begin = at;
        const JsonMember member = takeMember(text, kind, at);
        if (found.count % limit == 0)
            found.runs.append(begin);
        if (found.count < limit)
            found.members.append(member);
        ++found.count;
    }
    if (found.count > limit)
        found.members.clear();
    return found;
}

QList<JsonMember> jsonRun(const QByteArray &text, JsonKind kind, qint64 begin, qint64 count)
{
    QList<JsonMember> members;
    qint64 at = begin;
    while (members.size() < count && at < text.size() && text.at(at) != '}' && text.at(at) != ']')
        members.append(takeMember(text, kind, at));
    return members;
}

QString jsonString(const QByteArray &text, const JsonSpan &span, qint64 most)
{
    QByteArray bytes = text.mid(span.begin, qMin(span.length(), most));
    if (bytes.size() < span.length()) {
        // Cut: neither in a character nor in an escape.
        const qsizetype escape = bytes.lastIndexOf('\\');
        if (escape >= 0 && bytes.size() - escape < 12)
            bytes.truncate(escape);
        while (!bytes.isEmpty() && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0)
            bytes.chop(1);
        while (bytes.endsWith('\\'))
            bytes.chop(1);
        bytes += '"';
    }
    const QString string = QJsonDocument::fromJson('[' + bytes + ']').array().at(0).toString();
    return span.length() > most ? string + QChar(u'…') : string;
}

} // namespace skillbox
