#include "engine/execution/schema_check.h"

#include "engine/execution/schema_values.h"

#include <QJsonObject>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Calls of matches() inside of each other. A level of the input takes a few, a schema that refers
/// to itself without going down in the input would take all there are.
constexpr int maxCheckDepth = 1500;

int compareNumbers(const JsonValue &a, const JsonValue &b)
{
    if (a.IsInt64() && b.IsInt64())
        return a.GetInt64() < b.GetInt64() ? -1 : a.GetInt64() > b.GetInt64();
    if (a.IsUint64() && b.IsUint64())
        return a.GetUint64() < b.GetUint64() ? -1 : a.GetUint64() > b.GetUint64();
    return a.GetDouble() < b.GetDouble() ? -1 : a.GetDouble() > b.GetDouble();
}

bool isMultiple(const JsonValue &value, const JsonValue &factor)
{
    if (value.IsInt64() && factor.IsInt64())
        return value.GetInt64() % factor.GetInt64() == 0;
    const double quotient = value.GetDouble() / factor.GetDouble();
    if (!std::isfinite(quotient))
        return false;
    // 0.3 is a multiple of 0.1 for people, whatever the two are in binary.
    return std::abs(quotient - std::round(quotient)) <= 1e-9 * std::max(1.0, std::abs(quotient));
}

/// Why none of the alternatives matches. Where each asks for one member and for nothing else, as in
/// "a text or a file", that can be said.
QString noAlternative(const JsonValue &alternatives, const JsonValue &instance)
{
    constexpr qsizetype mostNames = 8;
    QStringList names;
    for (const JsonValue &alternative : alternatives.GetArray()) {
        const JsonValue *required = alternative.IsObject() ? memberOf(alternative, "required")
                                                           : nullptr;
        if (!instance.IsObject() || !required || alternative.MemberCount() != 1
            || !required->IsArray() || required->Size() != 1 || !(*required)[0].IsString()
            || names.size() == mostNames)
            return u"matches none of the alternatives"_s;
        names += u"\"%1\""_s.arg(utf16(textOf((*required)[0])).left(200));
    }
    return u"must have one of these members: "_s + names.join(u", "_s);
}

std::string_view typeOf(const JsonValue &value)
{
    switch (value.GetType()) {
    case rapidjson::kNullType: return "null";
    case rapidjson::kFalseType:
    case rapidjson::kTrueType: return "boolean";
    case rapidjson::kObjectType: return "object";
    case rapidjson::kArrayType: return "array";
    case rapidjson::kStringType: return "string";
    case rapidjson::kNumberType: break;
    }
    return isInteger(value) ? "integer" : "number";
}

bool hasType(const JsonValue &value, std::string_view type)
{
    const std::string_view own = typeOf(value);
    return own == type || (own == "integer" && type == "number");
}

/// Unicode characters, as the specification counts.
double lengthOf(std::string_view utf8)
{
    return static_cast<double>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

} // namespace

bool SchemaCheck::run(const JsonValue &schema, const JsonValue &instance)
{
    return matches(schema, instance, {}, Report::Yes) && !m_exhausted;
}

bool SchemaCheck::spend(size_t steps)
{
    m_left -= static_cast<qint64>(steps);
    m_exhausted = m_exhausted || m_left < 0;
    return !m_exhausted;
}

bool SchemaCheck::say(const Place &place, Report report, const QString &message)
{
    if (report == Report::No || m_violations.size() >= m_maxViolations)
        return false;
    QStringList parts;
    for (const Place *step = &place; step->above; step = step->above) {
        parts.prepend(step->index >= 0
                          ? QString::number(step->index)
                          : utf16(step->name).replace(u'~', u"~0"_s).replace(u'/', u"~1"_s));
    }
    const QString pointer = parts.isEmpty() ? QString() : u'/' + parts.join(u'/');
    m_violations.append(QJsonObject{{u"pointer"_s, pointer}, {u"message"_s, message}});
    return false;
}

const JsonValue *SchemaCheck::find(const JsonValue &object, std::string_view name)
{
    return spend(1 + object.MemberCount() / 8) ? memberOf(object, name) : nullptr;
}

bool SchemaCheck::matchesPattern(const JsonValue &pattern, std::string_view text)
{
    const auto compiled = m_schema.patterns.find(&pattern);
    return spend(4 + text.size() / 16) && compiled != m_schema.patterns.end()
        && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled->second);
}

bool SchemaCheck::matches(const JsonValue &schema, const JsonValue &instance, const Place &place,
                          Report report)
{
    if (!spend(1))
        return false;
    if (schema.IsBool())
        return schema.GetBool() || say(place, report, u"is not allowed"_s);
    if (m_depth >= maxCheckDepth) {
        m_exhausted = true;
        return false;
    }
    ++m_depth;
    // Each part says all that is wrong: people mend their input once, not ten times.
    bool good = matchesAny(schema, instance, place, report);
    good = matchesCombined(schema, instance, place, report) && good;
    if (instance.IsNumber())
        good = matchesNumber(schema, instance, place, report) && good;
    else if (instance.IsString())
        good = matchesString(schema, instance, place, report) && good;
    else if (instance.IsArray())
        good = matchesArray(schema, instance, place, report) && good;
    else if (instance.IsObject())
        good = matchesObject(schema, instance, place, report) && good;
    --m_depth;
    return good && !m_exhausted;
}

/// What is asked of a value of any type.
bool SchemaCheck::matchesAny(const JsonValue &schema, const JsonValue &instance, const Place &place,
                             Report report)
{
    bool good = true;
    if (const JsonValue *type = memberOf(schema, "type")) {
        QStringList names;
        bool fits = false;
        const auto look = [&](const JsonValue &name) {
            fits = fits || hasType(instance, textOf(name));
            names.append(utf16(textOf(name)));
        };
        if (type->IsString())
            look(*type);
        else
            std::for_each(type->Begin(), type->End(), look);
        if (!fits) {
            good = say(place, report,
                       u"must be of type %1, not %2"_s.arg(names.join(u" or "_s),
                                                           utf16(typeOf(instance))));
        }
    }
    if (const JsonValue *values = memberOf(schema, "enum")) {
        const bool found = std::any_of(values->Begin(), values->End(), [&](const JsonValue &value) {
            return equal(value, instance);
        });
        if (!found)
            good = say(place, report, u"is not one of the allowed values"_s);
    }
    if (const JsonValue *value = memberOf(schema, "const"); value && !equal(*value, instance))
        good = say(place, report, u"is not the one allowed value"_s);
    if (const JsonValue *reference = memberOf(schema, "$ref")) {
        const auto target = m_schema.references.find(reference);
        if (target != m_schema.references.end())
            good = matches(*target->second, instance, place, report) && good;
    }
    return good;
}

bool SchemaCheck::matchesCombined(const JsonValue &schema, const JsonValue &instance,
                                  const Place &place, Report report)
{
    bool good = true;
    const auto countOf = [&](const JsonValue &list) {
        return std::count_if(list.Begin(), list.End(), [&](const JsonValue &one) {
            return matches(one, instance, place, Report::No);
        });
    };
    if (const JsonValue *all = memberOf(schema, "allOf")) {
        for (const JsonValue &one : all->GetArray())
            good = matches(one, instance, place, report) && good;
    }
    if (const JsonValue *any = memberOf(schema, "anyOf"); any && countOf(*any) == 0)
        good = say(place, report, noAlternative(*any, instance));
    if (const JsonValue *one = memberOf(schema, "oneOf")) {
        const auto count = countOf(*one);
        if (count != 1) {
            good = say(place, report,
                       count == 0 ? noAlternative(*one, instance)
                                  : u"matches more than one of the alternatives"_s);
        }
    }
    if (const JsonValue *forbidden = memberOf(schema, "not");
        forbidden && matches(*forbidden, instance, place, Report::No))
        good = say(place, report, u"matches what it must not match"_s);
    if (const JsonValue *condition = memberOf(schema, "if")) {
        const bool holds = matches(*condition, instance, place, Report::No);
        const JsonValue *then = memberOf(schema, holds ? "then" : "else");
        if (then)
            good = matches(*then, instance, place, report) && good;
    }
    return good;
}

bool SchemaCheck::matchesNumber(const JsonValue &schema, const JsonValue &instance,
                                const Place &place, Report report)
{
    bool good = true;
    const auto limit = [&](const char *name, const char *exclusiveName, int direction,
                           const QString &atText, const QString &beyondText) {
        const JsonValue *bound = memberOf(schema, name);
        const JsonValue *exclusive = memberOf(schema, exclusiveName);
        const bool flag = exclusive && exclusive->IsBool() && exclusive->GetBool(); // draft 4
        if (bound && bound->IsNumber()) {
            const int order = compareNumbers(instance, *bound) * direction;
            if (order > 0 || (flag && order == 0)) {
                good = say(place, report, (flag ? beyondText : atText).arg(numberText(*bound)));
            }
        }
        if (exclusive && exclusive->IsNumber()
            && compareNumbers(instance, *exclusive) * direction >= 0)
            good = say(place, report, beyondText.arg(numberText(*exclusive)));
    };
    limit("maximum", "exclusiveMaximum", 1, u"must be at most %1"_s, u"must be less than %1"_s);
    limit("minimum", "exclusiveMinimum", -1, u"must be at least %1"_s, u"must be more than %1"_s);
    if (const JsonValue *factor = memberOf(schema, "multipleOf");
        factor && !isMultiple(instance, *factor))
        good = say(place, report, u"must be a multiple of %1"_s.arg(numberText(*factor)));
    return good;
}

bool SchemaCheck::matchesString(const JsonValue &schema, const JsonValue &instance,
                                const Place &place, Report report)
{
    bool good = true;
    const std::string_view text = textOf(instance);
    const JsonValue *most = memberOf(schema, "maxLength");
    const JsonValue *least = memberOf(schema, "minLength");
    if ((most || least) && spend(text.size() / 64)) {
        const double length = lengthOf(text);
        if (most && length > most->GetDouble())
            good = say(place, report, u"must have at most %1 characters"_s.arg(numberText(*most)));
        if (least && length < least->GetDouble()) {
            good = say(place, report,
                       u"must have at least %1 characters"_s.arg(numberText(*least)));
        }
    }
    if (const JsonValue *pattern = memberOf(schema, "pattern");
        pattern && !matchesPattern(*pattern, text)) {
        good = say(place, report,
                   u"must match the pattern %1"_s.arg(utf16(textOf(*pattern)).left(200)));
    }
    return good;
}

bool SchemaCheck::equal(const JsonValue &a, const JsonValue &b)
{
    if (!spend(1))
        return false;
    if (a.IsNumber() && b.IsNumber())
        return compareNumbers(a, b) == 0;
    if (a.GetType() != b.GetType())
        return false;
    if (a.IsString())
        return textOf(a) == textOf(b);
    if (a.IsArray()) {
        return a.Size() == b.Size()
            && std::equal(a.Begin(), a.End(), b.Begin(),
                          [this](const auto &x, const auto &y) { return equal(x, y); });
    }
    if (a.IsObject()) {
        return a.MemberCount() == b.MemberCount()
            && std::all_of(a.MemberBegin(), a.MemberEnd(), [&](const auto &member) {
                   const JsonValue *other = find(b, textOf(member.name));
                   return other && equal(member.value, *other);
               });
    }
    return true;
}

} // namespace skillbox
