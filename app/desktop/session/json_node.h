#pragma once

#include "engine/base/json_text.h"

#include <QString>

#include <vector>

namespace skillbox {

/// A JSON value as a tree that keeps what was written: the order of members, the digits of numbers.
/// What an input form edits and an output tree shows; QJsonValue sorts members and turns numbers
/// into doubles.
class JsonNode
{
public:
    enum class Kind { Null, Bool, Number, String, Array, Object };
    enum class Order { AsWritten, ByName };

    JsonNode() = default; ///< null
    static JsonNode boolean(bool value);
    /// `digits` must be a JSON number: see isNumber().
    static JsonNode number(const QString &digits);
    static JsonNode string(const QString &text);
    static JsonNode array() { return JsonNode(Kind::Array); }
    static JsonNode object() { return JsonNode(Kind::Object); }

    static JsonNode fromText(const JsonText &json);
    /// Errors as JsonText::parse().
    static Result<JsonNode> parse(QByteArrayView text);
    static bool isNumber(QStringView digits);

    Kind kind() const { return m_kind; }
    bool isObject() const { return m_kind == Kind::Object; }
    bool isArray() const { return m_kind == Kind::Array; }
    bool toBool() const { return m_kind == Kind::Bool && m_text == u"true"; }
    /// The characters of a string; a number, `true` or `null` as written; empty for others.
    const QString &text() const { return m_text; }

    /// Elements of an array, or values of an object's members.
    const std::vector<JsonNode> &children() const { return m_children; }
    std::vector<JsonNode> &children() { return m_children; }
    int size() const { return static_cast<int>(m_children.size()); }
    const QString &nameAt(int member) const { return m_names[static_cast<size_t>(member)]; }
    /// Of an object; the last of members with one name, as parsers have it. Null: none.
    const JsonNode *member(QStringView name) const;
    /// Replaces the member or adds it at the end.
    void setMember(const QString &name, JsonNode value);
    void append(JsonNode value) { m_children.push_back(std::move(value)); }

    QByteArray compact() const;
    /// Two blanks a level, short arrays of plain values on one line.
    QString pretty(Order order = Order::AsWritten) const;

    /// Equal values; members of objects in any order, numbers as written.
    friend bool operator==(const JsonNode &a, const JsonNode &b);

private:
    class Reader;
    class Writer;
    explicit JsonNode(Kind kind) : m_kind(kind) { }

    Kind m_kind = Kind::Null;
    QString m_text;
    std::vector<QString> m_names; ///< of an object's members, as many as children
    std::vector<JsonNode> m_children;
};

} // namespace skillbox
