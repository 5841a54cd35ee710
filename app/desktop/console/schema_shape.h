#pragma once

#include "app/desktop/session/json_node.h"

#include <QStringList>

#include <optional>

namespace skillbox {

/// How one value of an input is asked for: what a form makes of a schema. Where the schema says
/// more than that, the engine's check tells it.
struct FieldShape {
    enum class Kind {
        Text,
        Integer,
        Number,
        Boolean,
        Choice,   ///< one of `choices`
        Object,   ///< `members`, and those of a variant
        Array,    ///< of `items`
        Variants, ///< one of several kinds of value
        Raw,      ///< JSON text: nothing is known or it is too much for a form
    };
    struct Member {
        QString name;
        const JsonNode *schema = nullptr;
        bool required = false;
    };
    struct Variant {
        QString title;
        const JsonNode *schema = nullptr;
    };
    Kind kind = Kind::Raw;
    QString title;
    QString description;
    QString format; ///< `date`, `uri`, …
    QString hint;   ///< bounds and the like, in words
    bool multiLine = false;
    std::optional<JsonNode> usual; ///< the schema's default
    std::vector<JsonNode> examples;
    std::vector<JsonNode> choices;
    std::vector<Member> members;
    std::vector<Variant> variants; ///< of Variants, and of an Object that has them besides members
    std::vector<const JsonNode *> tuple; ///< of an Array: its first items have schemas of their own
    const JsonNode *items = nullptr;     ///< null: any JSON
    int leastItems = 0;
    int mostItems = -1; ///< negative: no limit
};

/// A skill's schemas/input.json as a form sees it.
class FormSchema
{
public:
    /// What is no JSON object has no form: Raw.
    explicit FormSchema(const QByteArray &text);

    const JsonNode &root() const { return m_root; }
    FieldShape shapeOf(const JsonNode &schema) const;
    /// Whether a value looks like one of this schema, for choosing a variant.
    bool fits(const JsonNode &schema, const JsonNode &value) const;
    /// A value to begin with: defaults, and what is required, empty.
    JsonNode startOf(const JsonNode &schema, int depth = 0) const;

private:
    const JsonNode &resolved(const JsonNode &schema) const;
    void addMembers(const JsonNode &schema, FieldShape &shape, int depth) const;
    void addVariants(const JsonNode &schema, FieldShape &shape) const;
    static QString hintOf(const JsonNode &schema);

    JsonNode m_root;
};

} // namespace skillbox
