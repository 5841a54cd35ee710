#include "app/desktop/session/json_node.h"

#include <QRegularExpression>

#include <algorithm>
#include <numeric>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int shortArrayWidth = 60;

QByteArray quoted(const QString &text)
{
    QByteArray json = "\"";
    const auto escape = [&json](char16_t unit) {
        json += "\\u" + QByteArray::number(unit, 16).rightJustified(4, '0');
    };
    QString plain; // waits to be written as UTF-8, so that pairs of surrogates stay together
    const auto flush = [&] {
        json += plain.toUtf8();
        plain.clear();
    };
    for (const QChar unit : text) {
        const char16_t code = unit.unicode();
        if (code >= 0x20 && code != '"' && code != '\\' && code != 0x7f) {
            plain += unit;
            continue;
        }
        flush();
        switch (code) {
        case '"': json += "\\\""; break;
        case '\\': json += "\\\\"; break;
        case '\n': json += "\\n"; break;
        case '\r': json += "\\r"; break;
        case '\t': json += "\\t"; break;
        default: escape(code);
        }
    }
    flush();
    return json + '"';
}

} // namespace

/// Reads what JsonText has checked already: compact, valid, not too deep.
class JsonNode::Reader
{
public:
    explicit Reader(QByteArrayView json) : m_json(json) { }

    JsonNode value()
    {
        switch (m_json.at(m_at)) {
        case '{': return object();
        case '[': return array();
        case '"': return JsonNode::string(string());
        default: return word();
        }
    }

private:
    bool take(char expected)
    {
        if (m_at >= m_json.size() || m_json.at(m_at) != expected)
            return false;
        ++m_at;
        return true;
    }

    JsonNode object()
    {
        JsonNode node(Kind::Object);
        take('{');
        while (!take('}')) {
            take(',');
            node.m_names.push_back(string());
            take(':');
            node.m_children.push_back(value());
        }
        return node;
    }

    JsonNode array()
    {
        JsonNode node(Kind::Array);
        take('[');
        while (!take(']')) {
            take(',');
            node.m_children.push_back(value());
        }
        return node;
    }

    JsonNode word()
    {
        const qsizetype start = m_at;
        while (m_at < m_json.size() && m_json.at(m_at) != ',' && m_json.at(m_at) != ']'
               && m_json.at(m_at) != '}')
            ++m_at;
        JsonNode node;
        node.m_text = QString::fromLatin1(m_json.sliced(start, m_at - start));
        node.m_kind = node.m_text == u"null"                    ? Kind::Null
            : node.m_text == u"true" || node.m_text == u"false" ? Kind::Bool
                                                                : Kind::Number;
        return node;
    }

    QString string()
    {
        take('"');
        QString text;
        while (m_at < m_json.size()) {
            const qsizetype start = m_at;
            while (m_at < m_json.size() && m_json.at(m_at) != '"' && m_json.at(m_at) != '\\')
                ++m_at;
            text += QString::fromUtf8(m_json.sliced(start, m_at - start));
            if (take('"'))
                break;
            ++m_at; // the backslash
            text += escaped();
        }
        return text;
    }

    QChar escaped()
    {
        const char kind = m_json.at(m_at++);
        switch (kind) {
        case 'b': return u'\b';
        case 'f': return u'\f';
        case 'n': return u'\n';
        case 'r': return u'\r';
        case 't': return u'\t';
        case 'u': {
            const ushort unit = m_json.sliced(m_at, 4).toByteArray().toUShort(nullptr, 16);
            m_at += 4;
            return QChar(unit);
        }
        default: return QLatin1Char(kind);
        }
    }

    QByteArrayView m_json;
    qsizetype m_at = 0;
};

class JsonNode::Writer
{
public:
    enum class Layout { Compact, Lines };
    Writer(Layout layout, Order order) : m_layout(layout), m_order(order) { }

    const QByteArray &text() const { return m_text; }

    void write(const JsonNode &node, int depth = 0)
    {
        switch (node.m_kind) {
        case Kind::Null: m_text += "null"; return;
        case Kind::Bool:
        case Kind::Number: m_text += node.m_text.toLatin1(); return;
        case Kind::String: m_text += quoted(node.m_text); return;
        case Kind::Array:
        case Kind::Object: break;
        }
        const char *brackets = node.isObject() ? "{}" : "[]";
        m_text += brackets[0];
        if (node.m_children.empty() || (m_layout == Layout::Lines && fitsOnOneLine(node))) {
            for (size_t i = 0; i < node.m_children.size(); ++i) {
                m_text += i > 0 ? ", " : "";
                write(node.m_children[i]); // a plain value: no line break in it
            }
            m_text += brackets[1];
            return;
        }
        bool first = true;
        for (const size_t i : order(node)) {
            m_text += first ? "" : ",";
            first = false;
            newLine(depth + 1);
            if (node.isObject())
                m_text += quoted(node.m_names[i]) + (m_layout == Layout::Lines ? ": " : ":");
            write(node.m_children[i], depth + 1);
        }
        newLine(depth);
        m_text += brackets[1];
    }

private:
    static bool fitsOnOneLine(const JsonNode &node)
    {
        if (!node.isArray())
            return false;
        qsizetype width = 0;
        for (const JsonNode &item : node.m_children) {
            width += item.m_text.size() + 4;
            if (item.isArray() || item.isObject() || width > shortArrayWidth)
                return false;
        }
        return true;
    }

    std::vector<size_t> order(const JsonNode &node) const
    {
        std::vector<size_t> places(node.m_children.size());
        std::iota(places.begin(), places.end(), size_t(0));
        if (m_order == Order::ByName && node.isObject()) {
            std::stable_sort(places.begin(), places.end(),
                             [&](size_t a, size_t b) { return node.m_names[a] < node.m_names[b]; });
        }
        return places;
    }

    void newLine(int depth)
    {
        if (m_layout == Layout::Lines)
            m_text += '\n' + QByteArray(2 * depth, ' ');
    }

    const Layout m_layout;
    const Order m_order;
    QByteArray m_text;
};

JsonNode JsonNode::boolean(bool value)
{
    JsonNode node(Kind::Bool);
    node.m_text = value ? u"true"_s : u"false"_s;
    return node;
}

JsonNode JsonNode::number(const QString &digits)
{
    JsonNode node(Kind::Number);
    node.m_text = digits;
    return node;
}

JsonNode JsonNode::string(const QString &text)
{
    JsonNode node(Kind::String);
    node.m_text = text;
    return node;
}

JsonNode JsonNode::fromText(const JsonText &json)
{
    return json.isEmpty() ? JsonNode() : Reader(json.bytes()).value();
}

Result<JsonNode> JsonNode::parse(QByteArrayView text)
{
    return JsonText::parse(text).map([](const JsonText &json) { return fromText(json); });
}

bool JsonNode::isNumber(QStringView digits)
{
    // RFC 8259, 6.
    static const QRegularExpression form(
        uR"(\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z)"_s);
    return form.match(digits).hasMatch() && JsonText::parse(digits.toUtf8()).has_value();
}

const JsonNode *JsonNode::member(QStringView name) const
{
    for (size_t i = m_names.size(); i-- > 0;) {
        if (m_names[i] == name)
            return &m_children[i];
    }
    return nullptr;
}

void JsonNode::setMember(const QString &name, JsonNode value)
{
    for (size_t i = m_names.size(); i-- > 0;) {
        if (m_names[i] == name) {
            m_children[i] = std::move(value);
            return;
        }
    }
    m_names.push_back(name);
    m_children.push_back(std::move(value));
}

QByteArray JsonNode::compact() const
{
    Writer writer(Writer::Layout::Compact, Order::AsWritten);
    writer.write(*this);
    return writer.text();
}

QString JsonNode::pretty(Order order) const
{
    Writer writer(Writer::Layout::Lines, order);
    writer.write(*this);
    return QString::fromUtf8(writer.text());
}

bool operator==(const JsonNode &a, const JsonNode &b)
{
    if (a.m_kind != b.m_kind || a.m_text != b.m_text || a.m_children.size() != b.m_children.size())
        return a.m_kind == JsonNode::Kind::Null && b.m_kind == JsonNode::Kind::Null;
    if (!a.isObject())
        return a.m_children == b.m_children;
    for (size_t i = 0; i < a.m_children.size(); ++i) {
        const JsonNode *other = b.member(a.m_names[i]);
        if (!other || !(*other == a.m_children[i]))
            return false;
    }
    return true;
}

} // namespace skillbox
