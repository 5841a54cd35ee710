#pragma once

#include "engine/execution/input_schema.h"

#include <rapidjson/document.h>
#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace skillbox {

using JsonValue = rapidjson::Value;

inline std::string_view textOf(const JsonValue &string)
{
    return {string.GetString(), string.GetStringLength()};
}
inline const JsonValue *memberOf(const JsonValue &object, std::string_view name)
{
    const JsonValue key(
        rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size())));
    const auto found = object.FindMember(key);
    return found == object.MemberEnd() ? nullptr : &found->value;
}
/// Integers up to 64 bits keep all their digits; nothing recurses.
inline constexpr unsigned schemaParseFlags = rapidjson::kParseIterativeFlag
    | rapidjson::kParseFullPrecisionFlag;

/// A schema that was looked through once: its keywords have the types they must have, references
/// are resolved, patterns compiled.
struct InputSchema::Document {
    rapidjson::Document json;
    std::unordered_map<const JsonValue *, const JsonValue *> references; ///< of a $ref's text
    std::unordered_map<const JsonValue *, std::unique_ptr<const RE2>> patterns; ///< of its text
    QStringList ignored;
};

/// Fills a Document from its json. An error names the place as a JSON pointer.
class SchemaReader
{
public:
    explicit SchemaReader(QStringList &ignored) : m_ignored(ignored) { }

    /// The places are values of `json`.
    std::optional<QString>
    read(const rapidjson::Document &json,
         std::unordered_map<const JsonValue *, const JsonValue *> &references,
         std::unordered_map<const JsonValue *, std::unique_ptr<const RE2>> &patterns);

private:
    using Complaint = std::optional<QString>;
    Complaint visit(const JsonValue &schema, const QString &place);
    Complaint visitMember(const JsonValue &name, const JsonValue &value, const QString &place);
    Complaint visitList(const JsonValue &list, const QString &place);
    Complaint visitMap(const JsonValue &map, const QString &place, bool namesArePatterns);
    Complaint visitDependencies(const JsonValue &map, const QString &place);
    Complaint compile(const JsonValue &pattern, const QString &place);
    const JsonValue *resolve(std::string_view reference) const;

    struct PendingReference {
        const JsonValue *text;
        QString place;
    };
    const rapidjson::Document *m_json = nullptr;
    std::unordered_map<const JsonValue *, std::unique_ptr<const RE2>> *m_patterns = nullptr;
    std::unordered_map<std::string_view, const JsonValue *> m_anchors;
    std::unordered_set<const JsonValue *> m_seen;
    std::vector<PendingReference> m_pending;
    QStringList &m_ignored;
};

} // namespace skillbox
