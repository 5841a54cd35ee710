#pragma once

#include <QByteArray>
#include <QList>

namespace skillbox {

// Finds its way in a JSON text without reading it into values. The text is compact and valid, as
// JsonText leaves it: whoever calls these has parsed it before.

enum class JsonKind { Object, Array, String, Number, Bool, Null };

struct JsonSpan {
    qint64 begin = 0;
    qint64 end = 0;
    qint64 length() const { return end - begin; }
};

struct JsonMember {
    JsonSpan key; ///< with its quotes; empty in an array
    JsonSpan value;
};

JsonKind jsonKindAt(const QByteArray &text, qint64 begin);
bool isContainer(JsonKind kind);

/// The end of the value that begins here.
qint64 jsonValueEnd(const QByteArray &text, qint64 begin);

/// What a container holds, at most `limit` members. Of larger ones the places where each run of
/// `limit` begins, and how many members there are.
struct JsonMembers {
    QList<JsonMember> members; ///< all, if there are no more than `limit`; else empty
    QList<qint64> runs;        ///< where each run of `limit` members begins
    qint64 count = 0;
};
JsonMembers jsonMembers(const QByteArray &text, const JsonSpan &container, qint64 limit);
/// `count` members from the one that begins at `begin`.
QList<JsonMember> jsonRun(const QByteArray &text, JsonKind kind, qint64 begin, qint64 count);

/// The string that these bytes, with their quotes, stand for. At most `most` bytes are read of it.
QString jsonString(const QByteArray &text, const JsonSpan &span, qint64 most);

} // namespace skillbox
