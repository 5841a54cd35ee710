#include "engine/execution/schema_check.h"

#include "engine/execution/schema_values.h"

#include <algorithm>

using namespace Qt::StringLiterals;

// What a schema asks of arrays and objects.

namespace skillbox {

bool SchemaCheck::matchesArray(const JsonValue &schema, const JsonValue &instance,
                               const Place &place, Report report)
{
    bool good = true;
    const double size = instance.Size();
    if (const JsonValue *most = memberOf(schema, "maxItems"); most && size > most->GetDouble())
        good = say(place, report, u"must have at most %1 items"_s.arg(numberText(*most)));
    if (const JsonValue *least = memberOf(schema, "minItems"); least && size < least->GetDouble())
        good = say(place, report, u"must have at least %1 items"_s.arg(numberText(*least)));
    if (const JsonValue *unique = memberOf(schema, "uniqueItems");
        unique && unique->IsBool() && unique->GetBool() && !isUnique(instance))
        good = say(place, report, u"must not have the same item twice"_s);

    const JsonValue *items = memberOf(schema, "items");
    const JsonValue *first = memberOf(schema, "prefixItems");
    const JsonValue *rest = items;
    if (items && items->IsArray()) { // before 2020-12
        first = items;
        rest = memberOf(schema, "additionalItems");
    }
    for (rapidjson::SizeType i = 0; i < instance.Size() && !m_exhausted; ++i) {
        const Place here{&place, {}, i};
        if (first && i < first->Size())
            good = matches((*first)[i], instance[i], here, report) && good;
        else if (rest)
            good = matches(*rest, instance[i], here, report) && good;
        else if (!first)
            break;
    }
    return containsEnough(schema, instance, place, report) && good;
}

bool SchemaCheck::containsEnough(const JsonValue &schema, const JsonValue &instance,
                                 const Place &place, Report report)
{
    const JsonValue *wanted = memberOf(schema, "contains");
    if (!wanted)
        return true;
    const auto count = static_cast<double>(
        std::count_if(instance.Begin(), instance.End(), [&](const JsonValue &item) {
            return matches(*wanted, item, place, Report::No);
        }));
    const JsonValue *least = memberOf(schema, "minContains");
    const JsonValue *most = memberOf(schema, "maxContains");
    if (count < (least ? least->GetDouble() : 1))
        return say(place, report, u"has too few items of the kind it must contain"_s);
    if (most && count > most->GetDouble())
        return say(place, report, u"has too many items of the kind it must contain"_s);
    return true;
}

bool SchemaCheck::matchesObject(const JsonValue &schema, const JsonValue &instance,
                                const Place &place, Report report)
{
    bool good = true;
    const double size = instance.MemberCount();
    if (const JsonValue *most = memberOf(schema, "maxProperties"); most && size > most->GetDouble())
        good = say(place, report, u"must have at most %1 members"_s.arg(numberText(*most)));
    if (const JsonValue *least = memberOf(schema, "minProperties");
        least && size < least->GetDouble())
        good = say(place, report, u"must have at least %1 members"_s.arg(numberText(*least)));
    if (const JsonValue *required = memberOf(schema, "required"); required && required->IsArray())
        good = hasAll(*required, instance, place, report, {}) && good;
    if (const JsonValue *names = memberOf(schema, "propertyNames")) {
        for (const auto &member : instance.GetObject()) {
            if (!matches(*names, member.name, place, Report::No)) {
                good = say(place, report,
                           u"must not have a member \"%1\""_s.arg(
                               utf16(textOf(member.name)).left(200)));
            }
        }
    }
    good = matchesMembers(schema, instance, place, report) && good;
    return matchesDependencies(schema, instance, place, report) && good;
}

bool SchemaCheck::matchesMembers(const JsonValue &schema, const JsonValue &instance,
                                 const Place &place, Report report)
{
    const JsonValue *named = memberOf(schema, "properties");
    const JsonValue *patterned = memberOf(schema, "patternProperties");
    const JsonValue *others = memberOf(schema, "additionalProperties");
    if (!named && !patterned && !others)
        return true;
    bool good = true;
    for (const auto &member : instance.GetObject()) {
        if (m_exhausted)
            return false;
        const std::string_view name = textOf(member.name);
        const Place here{&place, name, -1};
        bool known = false;
        if (const JsonValue *own = named ? find(*named, name) : nullptr) {
            known = true;
            good = matches(*own, member.value, here, report) && good;
        }
        if (patterned) {
            for (const auto &pattern : patterned->GetObject()) {
                if (!matchesPattern(pattern.name, name))
                    continue;
                known = true;
                good = matches(pattern.value, member.value, here, report) && good;
            }
        }
        if (!known && others)
            good = matches(*others, member.value, here, report) && good;
    }
    return good;
}

bool SchemaCheck::matchesDependencies(const JsonValue &schema, const JsonValue &instance,
                                      const Place &place, Report report)
{
    bool good = true;
    for (const char *keyword : {"dependentRequired", "dependentSchemas", "dependencies"}) {
        const JsonValue *dependencies = memberOf(schema, keyword);
        if (!dependencies)
            continue;
        for (const auto &member : dependencies->GetObject()) {
            if (!find(instance, textOf(member.name)))
                continue;
            if (member.value.IsArray()) {
                good = hasAll(member.value, instance, place, report,
                              u" where it has \"%1\""_s.arg(utf16(textOf(member.name)).left(200)))
                    && good;
            } else {
                good = matches(member.value, instance, place, report) && good;
            }
        }
    }
    return good;
}

bool SchemaCheck::hasAll(const JsonValue &names, const JsonValue &instance, const Place &place,
                         Report report, const QString &why)
{
    bool good = true;
    for (const JsonValue &name : names.GetArray()) {
        if (!find(instance, textOf(name))) {
            good = say(place, report,
                       u"must have a member \"%1\"%2"_s.arg(utf16(textOf(name)).left(200), why));
        }
    }
    return good;
}

bool SchemaCheck::isUnique(const JsonValue &array)
{
    std::vector<std::string> texts(array.Size());
    for (rapidjson::SizeType i = 0; i < array.Size() && !m_exhausted; ++i)
        canonical(array[i], texts[i]);
    std::sort(texts.begin(), texts.end());
    return std::adjacent_find(texts.begin(), texts.end()) == texts.end();
}

/// A text that two values share if, and only if, they are equal.
void SchemaCheck::canonical(const JsonValue &value, std::string &text)
{
    if (!spend(1))
        return;
    if (value.IsString()) {
        const std::string_view own = textOf(value);
        spend(own.size() / 64);
        text += '"' + std::to_string(own.size()) + ':';
        text += own;
    } else if (value.IsNumber()) {
        // Whole numbers in one form, whether they were written 1 or 1.0.
        if (value.IsInt64() || value.IsUint64())
            text += value.IsInt64() ? std::to_string(value.GetInt64())
                                    : std::to_string(value.GetUint64());
        else if (isInteger(value) && std::abs(value.GetDouble()) < 9e18)
            text += std::to_string(static_cast<qint64>(value.GetDouble()));
        else
            text += QByteArray::number(value.GetDouble(), 'g', 17).constData();
        text += ' ';
    } else if (value.IsArray()) {
        text += '[';
        for (const JsonValue &item : value.GetArray())
            canonical(item, text);
        text += ']';
    } else if (value.IsObject()) {
        std::vector<std::string> members;
        for (const auto &member : value.GetObject()) {
            std::string one;
            canonical(member.name, one);
            canonical(member.value, one);
            spend(one.size() / 64); // copied once a level
            members.push_back(std::move(one));
        }
        std::sort(members.begin(), members.end());
        text += '{';
        for (const std::string &member : members)
            text += member;
        text += '}';
    } else {
        text += value.IsNull() ? 'n' : value.GetBool() ? 't' : 'f';
    }
}

} // namespace skillbox
