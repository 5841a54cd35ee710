#include "app/desktop/console/schema_shape.h"

#include <QCoreApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int mostReferences = 32;
constexpr int mostShapeDepth = 8;
/// Forms with more fields than this help nobody.
constexpr size_t mostFields = 200;

QString tr(const char *text)
{
    return QCoreApplication::translate("InputForm", text);
}

QString textMember(const JsonNode &schema, QStringView name)
{
    const JsonNode *member = schema.member(name);
    return member && member->kind() == JsonNode::Kind::String ? member->text() : QString();
}

/// A number of the schema as it was written; empty: none.
QString numberMember(const JsonNode &schema, QStringView name)
{
    const JsonNode *member = schema.member(name);
    return member && member->kind() == JsonNode::Kind::Number ? member->text() : QString();
}

QStringList typesOf(const JsonNode &schema)
{
    const JsonNode *type = schema.member(u"type");
    if (!type)
        return {};
    if (!type->isArray())
        return {type->text()};
    QStringList types;
    for (const JsonNode &one : type->children())
        types.append(one.text());
    return types;
}

QString typeOf(const JsonNode &value)
{
    switch (value.kind()) {
    case JsonNode::Kind::Null: return u"null"_s;
    case JsonNode::Kind::Bool: return u"boolean"_s;
    case JsonNode::Kind::Number: return u"number"_s;
    case JsonNode::Kind::String: return u"string"_s;
    case JsonNode::Kind::Array: return u"array"_s;
    case JsonNode::Kind::Object: break;
    }
    return u"object"_s;
}

bool isRequired(const JsonNode &schema, const QString &name)
{
    const JsonNode *required = schema.member(u"required");
    if (!required || !required->isArray())
        return false;
    return std::any_of(required->children().begin(), required->children().end(),
                       [&](const JsonNode &one) { return one.text() == name; });
}

/// Alternatives that only say which members must be there shape nothing.
bool shapes(const JsonNode &schema)
{
    for (const QStringView name : {u"type", u"properties", u"$ref", u"enum", u"const", u"items"}) {
        if (schema.member(name))
            return true;
    }
    return false;
}

const JsonNode *alternativesOf(const JsonNode &schema)
{
    for (const QStringView name : {u"oneOf", u"anyOf"}) {
        const JsonNode *list = schema.member(name);
        if (list && list->isArray() && list->size() > 0
            && std::all_of(list->children().begin(), list->children().end(), shapes))
            return list;
    }
    return nullptr;
}

} // namespace

FormSchema::FormSchema(const QByteArray &text)
{
    if (auto root = JsonNode::parse(text))
        m_root = std::move(*root);
}

const JsonNode &FormSchema::resolved(const JsonNode &schema) const
{
    const JsonNode *at = &schema;
    for (int i = 0; i < mostReferences; ++i) {
        const QString reference = textMember(*at, u"$ref");
        if (!reference.startsWith(u'#'))
            return *at;
        const JsonNode *target = &m_root;
        for (QString name : reference.sliced(1).split(u'/', Qt::SkipEmptyParts)) {
            name = QString::fromUtf8(QByteArray::fromPercentEncoding(name.toUtf8()));
            name.replace(u"~1"_s, u"/"_s).replace(u"~0"_s, u"~"_s);
            bool isIndex = false;
            const int index = name.toInt(&isIndex);
            target = !target->isArray() ? target->member(name)
                : isIndex && index >= 0 && index < target->size()
                ? &target->children()[static_cast<size_t>(index)]
                : nullptr;
            if (!target)
                return *at;
        }
        at = target;
    }
    return *at;
}

void FormSchema::addMembers(const JsonNode &given, FieldShape &shape, int depth) const
{
    const JsonNode &schema = resolved(given);
    const JsonNode *properties = schema.member(u"properties");
    if (properties && properties->isObject()) {
        for (int i = 0; i < properties->size(); ++i) {
            const QString &name = properties->nameAt(i);
            const auto same = [&](const FieldShape::Member &member) { return member.name == name; };
            if (std::any_of(shape.members.begin(), shape.members.end(), same))
                continue;
            shape.members.push_back(
                {name, &properties->children()[static_cast<size_t>(i)], isRequired(schema, name)});
        }
    }
    const JsonNode *all = schema.member(u"allOf");
    if (all && all->isArray() && depth < mostShapeDepth) {
        for (const JsonNode &part : all->children())
            addMembers(part, shape, depth + 1);
    }
    for (FieldShape::Member &member : shape.members)
        member.required = member.required || isRequired(schema, member.name);
}

void FormSchema::addVariants(const JsonNode &schema, FieldShape &shape) const
{
    const JsonNode *list = alternativesOf(schema);
    if (!list)
        return;
    for (const JsonNode &alternative : list->children()) {
        const JsonNode &target = resolved(alternative);
        QString title = textMember(target, u"title");
        if (title.isEmpty()) {
            // What tells it from others: a member with one value, or its type.
            const JsonNode *properties = target.member(u"properties");
            for (int i = 0; properties && properties->isObject() && i < properties->size(); ++i) {
                const JsonNode *value = properties->children()[static_cast<size_t>(i)].member(
                    u"const");
                if (value && title.isEmpty())
                    title = value->text();
            }
        }
        if (title.isEmpty())
            title = typesOf(target).join(tr(" or "));
        const JsonNode *value = target.member(u"const");
        if (title.isEmpty() && value)
            title = value->text();
        const int number = static_cast<int>(shape.variants.size()) + 1;
        shape.variants.push_back(
            {title.isEmpty() ? tr("Variant %1").arg(number) : title, &alternative});
    }
    // Equal titles would leave one guessing.
    for (size_t i = 1; i < shape.variants.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
            if (shape.variants[i].title == shape.variants[j].title) {
                shape.variants[i].title += u" (%1)"_s.arg(i + 1);
                break;
            }
        }
    }
}

QString FormSchema::hintOf(const JsonNode &schema)
{
    QStringList hints;
    const auto range = [&](QStringView low, QStringView high, const QString &both,
                           const QString &least, const QString &most) {
        const QString from = numberMember(schema, low);
        const QString to = numberMember(schema, high);
        if (!from.isEmpty() && !to.isEmpty())
            hints += both.arg(from, to);
        else if (!from.isEmpty())
            hints += least.arg(from);
        else if (!to.isEmpty())
            hints += most.arg(to);
    };
    range(u"minimum", u"maximum", tr("%1 to %2"), tr("at least %1"), tr("at most %1"));
    range(u"exclusiveMinimum", u"exclusiveMaximum", tr("between %1 and %2"), tr("more than %1"),
          tr("less than %1"));
    const bool notEmpty = numberMember(schema, u"minLength") == "1"_L1;
    if (notEmpty && numberMember(schema, u"maxLength").isEmpty())
        hints += tr("not empty");
    else
        range(u"minLength", u"maxLength", tr("%1 to %2 characters"), tr("at least %1 characters"),
              tr("at most %1 characters"));
    if (numberMember(schema, u"minItems") == "1"_L1 && numberMember(schema, u"maxItems").isEmpty())
        hints += tr("at least one item");
    else
        range(u"minItems", u"maxItems", tr("%1 to %2 items"), tr("at least %1 items"),
              tr("at most %1 items"));
    const QString step = numberMember(schema, u"multipleOf");
    if (!step.isEmpty())
        hints += tr("a multiple of %1").arg(step);
    const QString pattern = textMember(schema, u"pattern");
    if (!pattern.isEmpty())
        hints += tr("matches %1").arg(pattern);
    // Alternatives that only say which members there must be.
    for (const QStringView name : {u"oneOf", u"anyOf"}) {
        const JsonNode *list = schema.member(name);
        if (!list || !list->isArray() || alternativesOf(schema) == list)
            continue;
        QStringList names;
        for (const JsonNode &one : list->children()) {
            QStringList together;
            const JsonNode *required = one.member(u"required");
            for (int i = 0; required && required->isArray() && i < required->size(); ++i)
                together.append(required->children()[static_cast<size_t>(i)].text());
            if (!together.isEmpty())
                names.append(together.join(tr(" and ")));
        }
        if (!names.isEmpty()) {
            hints += (name == u"oneOf" ? tr("needs exactly one of: %1") : tr("needs one of: %1"))
                         .arg(names.join(tr(", ")));
        }
    }
    const JsonNode *unique = schema.member(u"uniqueItems");
    if (unique && unique->toBool())
        hints += tr("no two alike");
    return hints.join(tr(", "));
}

FieldShape FormSchema::shapeOf(const JsonNode &given) const
{
    const JsonNode &schema = resolved(given);
    FieldShape shape;
    const auto textOf = [&](QStringView name) {
        const QString own = textMember(given, name); // what stands beside a $ref comes first
        return own.isEmpty() ? textMember(schema, name) : own;
    };
    shape.title = textOf(u"title");
    shape.description = textOf(u"description");
    shape.format = textMember(schema, u"format");
    shape.hint = hintOf(schema);
    for (const JsonNode *from : {&given, &schema}) {
        const JsonNode *usual = from->member(u"default");
        if (usual && !shape.usual)
            shape.usual = *usual;
    }
    if (const JsonNode *examples = schema.member(u"examples"); examples && examples->isArray())
        shape.examples = examples->children();

    if (const JsonNode *choices = schema.member(u"enum"); choices && choices->isArray()) {
        shape.kind = FieldShape::Kind::Choice;
        shape.choices = choices->children();
        return shape;
    }
    if (const JsonNode *only = schema.member(u"const")) {
        shape.kind = FieldShape::Kind::Choice;
        shape.choices = {*only};
        return shape;
    }
    // A null among others is rare enough to be edited as JSON.
    QStringList types = typesOf(schema);
    types.removeAll(u"null"_s);
    const bool isObject = types == QStringList{u"object"_s}
        || (types.isEmpty() && schema.member(u"properties"));
    addVariants(schema, shape);
    if (isObject) {
        addMembers(given, shape, 0);
        const bool usable = (!shape.members.empty() || !shape.variants.empty())
            && shape.members.size() <= mostFields;
        shape.kind = usable ? FieldShape::Kind::Object : FieldShape::Kind::Raw;
        return shape;
    }
    if (!shape.variants.empty()) {
        shape.kind = FieldShape::Kind::Variants;
        return shape;
    }
    if (types.size() != 1)
        return shape;
    const QString &type = types.first();
    if (type == "string"_L1) {
        shape.kind = FieldShape::Kind::Text;
        bool bounded = false;
        const int most = numberMember(schema, u"maxLength").toInt(&bounded);
        shape.multiLine = shape.format.isEmpty() && !schema.member(u"pattern")
            && !(bounded && most <= 120);
    } else if (type == "integer"_L1) {
        shape.kind = FieldShape::Kind::Integer;
    } else if (type == "number"_L1) {
        shape.kind = FieldShape::Kind::Number;
    } else if (type == "boolean"_L1) {
        shape.kind = FieldShape::Kind::Boolean;
    } else if (type == "array"_L1) {
        shape.kind = FieldShape::Kind::Array;
        const JsonNode *items = schema.member(u"items");
        if (items && items->isObject())
            shape.items = items;
        for (const JsonNode *list : {schema.member(u"prefixItems"), items}) {
            if (list && list->isArray() && shape.tuple.empty()) {
                for (const JsonNode &one : list->children())
                    shape.tuple.push_back(&one);
            }
        }
        shape.leastItems = numberMember(schema, u"minItems").toInt();
        bool bounded = false;
        const int most = numberMember(schema, u"maxItems").toInt(&bounded);
        shape.mostItems = bounded ? most : -1;
    }
    return shape;
}

bool FormSchema::fits(const JsonNode &given, const JsonNode &value) const
{
    const JsonNode &schema = resolved(given);
    const QStringList types = typesOf(schema);
    const QString type = typeOf(value);
    const bool typeFits = types.isEmpty() || types.contains(type)
        || (type == "number"_L1 && types.contains(u"integer"_s));
    if (!typeFits)
        return false;
    if (const JsonNode *only = schema.member(u"const"); only && !(*only == value))
        return false;
    if (const JsonNode *choices = schema.member(u"enum"); choices && choices->isArray()) {
        const auto &all = choices->children();
        if (std::find(all.begin(), all.end(), value) == all.end())
            return false;
    }
    if (!value.isObject())
        return true;
    if (const JsonNode *required = schema.member(u"required"); required && required->isArray()) {
        for (const JsonNode &name : required->children()) {
            if (!value.member(name.text()))
                return false;
        }
    }
    const JsonNode *properties = schema.member(u"properties");
    for (int i = 0; properties && properties->isObject() && i < properties->size(); ++i) {
        const JsonNode *member = value.member(properties->nameAt(i));
        const JsonNode *only = properties->children()[static_cast<size_t>(i)].member(u"const");
        if (member && only && !(*only == *member))
            return false;
    }
    return true;
}

JsonNode FormSchema::startOf(const JsonNode &schema, int depth) const
{
    const FieldShape shape = shapeOf(schema);
    if (shape.usual)
        return *shape.usual;
    switch (shape.kind) {
    case FieldShape::Kind::Text: return JsonNode::string({});
    case FieldShape::Kind::Integer:
    case FieldShape::Kind::Number: {
        const QString least = numberMember(resolved(schema), u"minimum");
        return JsonNode::number(least.isEmpty() ? u"0"_s : least);
    }
    case FieldShape::Kind::Boolean: return JsonNode::boolean(false);
    case FieldShape::Kind::Choice:
        return shape.choices.empty() ? JsonNode() : shape.choices.front();
    case FieldShape::Kind::Array: {
        JsonNode array = JsonNode::array();
        const int least = qMin(shape.leastItems, 20);
        for (int i = 0; i < least && depth < mostShapeDepth; ++i) {
            const JsonNode *item = static_cast<size_t>(i) < shape.tuple.size()
                ? shape.tuple[static_cast<size_t>(i)]
                : shape.items;
            array.append(item ? startOf(*item, depth + 1) : JsonNode());
        }
        return array;
    }
    case FieldShape::Kind::Object: {
        JsonNode object = JsonNode::object();
        for (const FieldShape::Member &member : shape.members) {
            if (member.required && depth < mostShapeDepth)
                object.setMember(member.name, startOf(*member.schema, depth + 1));
        }
        if (!shape.variants.empty() && depth < mostShapeDepth) {
            const JsonNode more = startOf(*shape.variants.front().schema, depth + 1);
            for (int i = 0; more.isObject() && i < more.size(); ++i)
                object.setMember(more.nameAt(i), more.children()[static_cast<size_t>(i)]);
        }
        return object;
    }
    case FieldShape::Kind::Variants:
        return depth < mostShapeDepth ? startOf(*shape.variants.front().schema, depth + 1)
                                      : JsonNode();
    case FieldShape::Kind::Raw: break;
    }
    const QStringList types = typesOf(resolved(schema));
    return types.contains(u"object"_s) ? JsonNode::object()
        : types.contains(u"array"_s)   ? JsonNode::array()
                                       : JsonNode();
}

} // namespace skillbox
