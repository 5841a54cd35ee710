#pragma once

#include "engine/execution/schema_document.h"

#include <QJsonArray>

namespace skillbox {

/// One check of one value against one schema, with bounded work.
class SchemaCheck
{
public:
    struct Schema {
        const std::unordered_map<const JsonValue *, const JsonValue *> &references;
        const std::unordered_map<const JsonValue *, std::unique_ptr<const RE2>> &patterns;
    };
    /// `inputBytes`: a large input may take longer, in proportion.
    SchemaCheck(Schema schema, int maxViolations, qint64 inputBytes)
        : m_schema(schema)
        , m_maxViolations(maxViolations)
        , m_left(500'000 + inputBytes / 2)
    {
    }

    bool run(const JsonValue &schema, const JsonValue &instance);

    /// run() was false because it would have taken too much.
    bool exhausted() const { return m_exhausted; }
    const QJsonArray &violations() const { return m_violations; }

private:
    /// A place in the instance, as a chain up to its root.
    struct Place {
        const Place *above = nullptr;
        std::string_view name = {};
        qint64 index = -1; ///< of an array; negative: `name` of an object
    };
    enum class Report { Yes, No };

    bool matches(const JsonValue &schema, const JsonValue &instance, const Place &place,
                 Report report);
    bool matchesAny(const JsonValue &schema, const JsonValue &instance, const Place &place,
                    Report report);
    bool matchesCombined(const JsonValue &schema, const JsonValue &instance, const Place &place,
                         Report report);
    bool matchesNumber(const JsonValue &schema, const JsonValue &instance, const Place &place,
                       Report report);
    bool matchesString(const JsonValue &schema, const JsonValue &instance, const Place &place,
                       Report report);
    bool matchesArray(const JsonValue &schema, const JsonValue &instance, const Place &place,
                      Report report);
    bool containsEnough(const JsonValue &schema, const JsonValue &instance, const Place &place,
                        Report report);
    bool matchesObject(const JsonValue &schema, const JsonValue &instance, const Place &place,
                       Report report);
    bool matchesMembers(const JsonValue &schema, const JsonValue &instance, const Place &place,
                        Report report);
    bool matchesDependencies(const JsonValue &schema, const JsonValue &instance, const Place &place,
                             Report report);
    bool hasAll(const JsonValue &names, const JsonValue &instance, const Place &place,
                Report report, const QString &why);

    bool isUnique(const JsonValue &array);
    bool equal(const JsonValue &a, const JsonValue &b);
    void canonical(const JsonValue &value, std::string &text);
    bool matchesPattern(const JsonValue &pattern, std::string_view text);
    const JsonValue *find(const JsonValue &object, std::string_view name);

    bool say(const Place &place, Report report, const QString &message);
    /// False: the work is used up.
    bool spend(size_t steps);

    const Schema m_schema;
    const int m_maxViolations;
    qint64 m_left; ///< steps, each below a microsecond
    int m_depth = 0;
    bool m_exhausted = false;
    QJsonArray m_violations;
};

} // namespace skillbox
