#pragma once

#include "engine/base/json_text.h"
#include "engine/base/result.h"

#include <QStringList>

#include <memory>

namespace skillbox {

/// A skill's `schemas/input.json`: JSON Schema 2020-12, and what earlier drafts wrote differently
/// (definitions, dependencies, items as a list, exclusiveMinimum as a flag). Formats are remarks
/// and not checked, as the specification has it; what stands beside a $ref counts. References stay
/// within the schema.
///
/// The schema is a skill's and the input a caller's, so neither decides what a check costs: time,
/// depth and memory are bounded, patterns are matched in linear time. That is why this is not a
/// library: those that are packaged match with std::regex, which recurses as deep as the text is
/// long, and follow references in a circle until the stack ends.
class InputSchema
{
public:
    /// InvalidSkill for what is no schema that can be checked; the message says why and where.
    static Result<InputSchema> parse(const QByteArray &text);

    ~InputSchema();
    InputSchema(InputSchema &&) noexcept;
    InputSchema &operator=(InputSchema &&) noexcept;

    /// InvalidInput with `items` [{"pointer", "message"}], at most maxViolations; also for an input
    /// that would take too long to check.
    Result<void> check(const JsonText &input) const;

    /// Keywords of the schema that are not checked.
    const QStringList &ignoredKeywords() const;

    static constexpr qsizetype maxBytes = 256 * 1024;
    static constexpr int maxViolations = 50;

private:
    struct Document;
    explicit InputSchema(std::unique_ptr<const Document> document);
    std::unique_ptr<const Document> m_document;
};

} // namespace skillbox
