#include "engine/execution/schema_document.h"

#include <QByteArray>

#include <rapidjson/pointer.h>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Memory for one compiled pattern; RE2 refuses a pattern that needs more.
constexpr int64_t maxPatternMemory = 1 << 20;

template<size_t size>
bool isOneOf(std::string_view name, const std::array<std::string_view, size> &names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 8> schemaKeywords{"additionalItems",
                                                         "additionalProperties",
                                                         "contains",
                                                         "else",
                                                         "if",
                                                         "not",
                                                         "propertyNames",
                                                         "then"};
constexpr std::array<std::string_view, 4> listKeywords{"allOf", "anyOf", "oneOf", "prefixItems"};
constexpr std::array<std::string_view, 4> mapKeywords{"$defs", "definitions", "dependentSchemas",
                                                      "properties"};
constexpr std::array<std::string_view, 8> countKeywords{"maxContains", "maxItems",
                                                        "maxLength",   "maxProperties",
                                                        "minContains", "minItems",
                                                        "minLength",   "minProperties"};
constexpr std::array<std::string_view, 3> ignoredKeywords{"$dynamicRef", "unevaluatedItems",
                                                          "unevaluatedProperties"};
constexpr std::array<std::string_view, 7> typeNames{"array",  "boolean", "integer", "null",
                                                    "number", "object",  "string"};

QString quoted(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

bool isListOfStrings(const JsonValue &value)
{
    return value.IsArray()
        && std::all_of(value.Begin(), value.End(), [](const JsonValue &v) { return v.IsString(); });
}

bool isTypeName(const JsonValue &value)
{
    return value.IsString() && isOneOf(textOf(value), typeNames);
}

/// Looks for a schema that comes back to itself for one and the same value, which no value can
/// satisfy or fail.
class CircleSearch
{
public:
    explicit CircleSearch(
        const std::unordered_map<const JsonValue *, const JsonValue *> &references)
        : m_references(references)
    {
    }

    bool finds(const JsonValue &schema)
    {
        if (!schema.IsObject())
            return false;
        const auto [state, isNew] = m_states.emplace(&schema, State::Open);
        if (!isNew)
            return state->second == State::Open;
        if (++m_depth > maxDepth)
            return true; // nobody writes a chain of references as long as that
        bool found = false;
        for (const auto &member : schema.GetObject())
            found = found || findsIn(textOf(member.name), member.value);
        --m_depth;
        m_states[&schema] = State::Done;
        return found;
    }

private:
    enum class State { Open, Done };
    static constexpr int maxDepth = 500;

    bool findsIn(std::string_view keyword, const JsonValue &value)
    {
        if (keyword == "$ref") {
            const auto target = m_references.find(&value);
            return target != m_references.end() && finds(*target->second);
        }
        if (keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf") {
            return std::any_of(value.Begin(), value.End(),
                               [this](const JsonValue &one) { return finds(one); });
        }
        if (keyword == "dependentSchemas" || keyword == "dependencies") {
            return std::any_of(value.MemberBegin(), value.MemberEnd(),
                               [this](const auto &member) { return finds(member.value); });
        }
        return (keyword == "not" || keyword == "if" || keyword == "then" || keyword == "else")
            && finds(value);
    }

    const std::unordered_map<const JsonValue *, const JsonValue *> &m_references;
    std::unordered_map<const JsonValue *, State> m_states;
    int m_depth = 0;
};

} // namespace

std::optional<QString>
SchemaReader::read(const rapidjson::Document &json,
                   std::unordered_map<const JsonValue *, const JsonValue *> &references,
                   std::unordered_map<const JsonValue *, std::unique_ptr<const RE2>> &patterns)
{
    m_json = &json;
    m_patterns = &patterns;
    if (auto complaint = visit(json, {}))
        return complaint;
    // What a reference leads to may lie where nobody looked yet, and hold further references.
    for (size_t next = 0; next < m_pending.size(); ++next) {
        const PendingReference pending = m_pending[next];
        const JsonValue *target = resolve(textOf(*pending.text));
        if (!target) {
            return u"%1: \"%2\" is not a place in this schema"_s.arg(
                pending.place, quoted(textOf(*pending.text)).left(200));
        }
        references.emplace(pending.text, target);
        if (auto complaint = visit(*target, pending.place))
            return complaint;
    }
    CircleSearch circles(references);
    for (const JsonValue *schema : m_seen) {
        if (circles.finds(*schema))
            return u": a schema refers to itself in a circle"_s;
    }
    return std::nullopt;
}

SchemaReader::Complaint SchemaReader::visit(const JsonValue &schema, const QString &place)
{
    if (schema.IsBool() || !m_seen.insert(&schema).second)
        return std::nullopt;
    if (!schema.IsObject())
        return u"%1: a schema must be an object or a boolean"_s.arg(place);
    for (const auto &member : schema.GetObject()) {
        const QString here = place + u'/' + quoted(textOf(member.name));
        if (auto complaint = visitMember(member.name, member.value, here))
            return complaint;
        if (textOf(member.name).ends_with("nchor") && member.value.IsString()) // $dynamicAnchor too
            m_anchors.emplace(textOf(member.value), &schema);
    }
    return std::nullopt;
}

SchemaReader::Complaint SchemaReader::visitMember(const JsonValue &name, const JsonValue &value,
                                                  const QString &place)
{
    const std::string_view keyword = textOf(name);
    const auto mustBe = [&place](const QString &what) {
        return Complaint(u"%1 must be %2"_s.arg(place, what));
    };
    if (isOneOf(keyword, schemaKeywords))
        return visit(value, place);
    if (isOneOf(keyword, listKeywords))
        return visitList(value, place);
    if (isOneOf(keyword, mapKeywords))
        return visitMap(value, place, false);
    if (isOneOf(keyword, countKeywords)) {
        const bool isCount = value.IsUint64() || (value.IsDouble() && value.GetDouble() >= 0);
        return isCount ? std::nullopt : mustBe(u"a number that is not negative"_s);
    }
    if (isOneOf(keyword, ignoredKeywords)) {
        const QString text = quoted(keyword);
        if (!m_ignored.contains(text))
            m_ignored.append(text);
        return std::nullopt;
    }
    if (keyword == "items")
        return value.IsArray() ? visitList(value, place) : visit(value, place);
    if (keyword == "patternProperties")
        return visitMap(value, place, true);
    if (keyword == "dependencies")
        return visitDependencies(value, place);
    if (keyword == "pattern")
        return value.IsString() ? compile(value, place) : mustBe(u"a string"_s);
    if (keyword == "$ref") {
        if (!value.IsString())
            return mustBe(u"a string"_s);
        m_pending.push_back({&value, place});
    } else if (keyword == "type") {
        const bool isType = isTypeName(value)
            || (value.IsArray() && std::all_of(value.Begin(), value.End(), isTypeName));
        if (!isType)
            return mustBe(u"the name of a type or a list of names"_s);
    } else if (keyword == "enum" && !value.IsArray()) {
        return mustBe(u"a list"_s);
    } else if (keyword == "required" && !isListOfStrings(value)) {
        return value.IsBool() ? std::nullopt : mustBe(u"a list of names"_s); // a flag in draft 3
    } else if ((keyword == "maximum" || keyword == "minimum") && !value.IsNumber()) {
        return mustBe(u"a number"_s);
    } else if ((keyword == "exclusiveMaximum" || keyword == "exclusiveMinimum") && !value.IsNumber()
               && !value.IsBool()) {
        return mustBe(u"a number"_s);
    } else if (keyword == "multipleOf" && !(value.IsNumber() && value.GetDouble() > 0)) {
        return mustBe(u"a number above zero"_s);
    } else if (keyword == "dependentRequired") {
        if (!value.IsObject()
            || !std::all_of(value.MemberBegin(), value.MemberEnd(),
                            [](const auto &member) { return isListOfStrings(member.value); }))
            return mustBe(u"an object of lists of names"_s);
    }
    return std::nullopt;
}

SchemaReader::Complaint SchemaReader::visitList(const JsonValue &list, const QString &place)
{
    if (!list.IsArray())
        return u"%1 must be a list of schemas"_s.arg(place);
    for (rapidjson::SizeType i = 0; i < list.Size(); ++i) {
        if (auto complaint = visit(list[i], place + u'/' + QString::number(i)))
            return complaint;
    }
    return std::nullopt;
}

SchemaReader::Complaint SchemaReader::visitMap(const JsonValue &map, const QString &place,
                                               bool namesArePatterns)
{
    if (!map.IsObject())
        return u"%1 must be an object of schemas"_s.arg(place);
    for (const auto &member : map.GetObject()) {
        const QString here = place + u'/' + quoted(textOf(member.name));
        if (namesArePatterns) {
            if (auto complaint = compile(member.name, here))
                return complaint;
        }
        if (auto complaint = visit(member.value, here))
            return complaint;
    }
    return std::nullopt;
}

SchemaReader::Complaint SchemaReader::visitDependencies(const JsonValue &map, const QString &place)
{
    if (!map.IsObject())
        return u"%1 must be an object"_s.arg(place);
    for (const auto &member : map.GetObject()) {
        if (isListOfStrings(member.value))
            continue;
        if (auto complaint = visit(member.value, place + u'/' + quoted(textOf(member.name))))
            return complaint;
    }
    return std::nullopt;
}

SchemaReader::Complaint SchemaReader::compile(const JsonValue &pattern, const QString &place)
{
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(maxPatternMemory);
    const std::string_view text = textOf(pattern);
    auto compiled = std::make_unique<const RE2>(re2::StringPiece(text.data(), text.size()),
                                                options);
    if (!compiled->ok()) {
        return u"%1: the pattern cannot be used: %2"_s.arg(
            place, QString::fromStdString(compiled->error()));
    }
    m_patterns->emplace(&pattern, std::move(compiled));
    return std::nullopt;
}

const JsonValue *SchemaReader::resolve(std::string_view reference) const
{
    if (const JsonValue *id = m_json->IsObject() ? memberOf(*m_json, "$id") : nullptr;
        id && id->IsString()) {
        // The schema's own name in front of the place.
        std::string_view name = textOf(*id);
        name = name.substr(0, name.find('#'));
        if (!name.empty() && reference.starts_with(name))
            reference.remove_prefix(name.size());
    }
    if (reference.empty() || reference == "#")
        return m_json;
    if (!reference.starts_with('#'))
        return nullptr;
    if (!reference.starts_with("#/")) {
        const auto anchor = m_anchors.find(reference.substr(1));
        return anchor == m_anchors.end() ? nullptr : anchor->second;
    }
    // The fragment of a URI (RFC 6901, 6). RapidJSON would decode it, but refuses "$" in it.
    const QByteArray path = QByteArray::fromPercentEncoding(
        QByteArray(reference.data() + 1, static_cast<qsizetype>(reference.size() - 1)));
    const rapidjson::Pointer pointer(path.constData(), static_cast<size_t>(path.size()));
    return pointer.IsValid() ? pointer.Get(*m_json) : nullptr;
}

} // namespace skillbox
