#include "engine/skill/front_matter.h"
#include "engine/skill/manifest.h"
#include "engine/skill/path_rules.h"
#include "engine/skill/text_position.h"
#include "engine/skill/yaml_header.h"
#include "engine/skill/yaml_scalar.h"

#include <QRegularExpression>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Replaces the bytes [start, end) of the header.
struct Edit {
    qsizetype start = 0;
    qsizetype end = 0;
    QByteArray bytes;
};

tl::unexpected<Error> cannotEdit(const QString &key, const QString &why)
{
    return fail(ErrorCode::InvalidSkill,
                u"the field %1 of SKILL.md cannot be set: %2"_s.arg(quotedName(key.toUtf8()), why));
}

YamlStyle styleOf(QByteArrayView header, const YamlNode &scalar)
{
    if (scalar.start < header.size() && header[scalar.start] == '"')
        return YamlStyle::DoubleQuoted;
    if (scalar.start < header.size() && header[scalar.start] == '\'')
        return YamlStyle::SingleQuoted;
    return YamlStyle::Plain;
}

/// For a key whose value is null: after its colon, or the `~` or `null` that stands there.
Edit emptyValue(QByteArrayView header, const YamlNode &key, const QString &value)
{
    const qsizetype colon = header.indexOf(':', key.end);
    const qsizetype lineEnd = nextLine(header, colon);
    qsizetype start = colon + 1;
    while (start < lineEnd && (header[start] == ' ' || header[start] == '\t'))
        ++start;
    qsizetype end = start;
    while (end < lineEnd && !QByteArrayView(" \t\r\n").contains(header[end]))
        ++end;
    const auto word = header.sliced(start, end - start);
    const QByteArray scalar = yamlScalar(value, YamlStyle::Plain);
    if (word == "~" || word == "null" || word == "Null" || word == "NULL")
        return {start, end, scalar};
    return {colon + 1, colon + 1, ' ' + scalar};
}

Edit appended(const FrontMatter &parts, const YamlNode &root, const QString &key,
              const QString &value)
{
    const auto header = parts.header;
    QByteArray line;
    if (!root.keys.empty()) {
        const qsizetype first = root.keys.front().start;
        line = QByteArray(first - (header.first(first).lastIndexOf('\n') + 1), ' ');
    }
    line += key.toUtf8() + ": " + yamlScalar(value, YamlStyle::Plain);
    line += parts.crlf ? "\r\n" : "\n";
    return {header.size(), header.size(), line};
}

/// Whether `after` is `before` with the field set and nothing else changed.
bool hasOnly(const YamlNode &before, const YamlNode &after, const QString &key,
             const QString &value)
{
    const YamlNode *field = after.find(key);
    if (!field || !(field->isScalar() && field->text == value))
        return false;
    const auto added = before.find(key) ? 0u : 1u;
    if (after.keys.size() != before.keys.size() + added)
        return false;
    for (size_t i = 0; i < before.keys.size(); ++i) {
        if (after.keys[i].text != before.keys[i].text)
            return false;
        if (before.keys[i].text != key && after.items[i].text != before.items[i].text)
            return false;
    }
    return true;
}

} // namespace

Result<QByteArray> withManifestField(QByteArrayView text, const QString &key, const QString &value)
{
    static const QRegularExpression plainKey(u"\\A[A-Za-z][A-Za-z0-9_.-]*\\z"_s);
    if (!plainKey.match(key).hasMatch())
        return fail(ErrorCode::BadRequest, u"%1 is not a key"_s.arg(quotedName(key.toUtf8())));

    QList<RuleHit> hits;
    const auto parts = splitFrontMatter(text, hits);
    if (!parts)
        return cannotEdit(key, hits.constLast().message);
    const auto header = parts->header;
    YamlHeader yaml = parseYamlHeader(header);
    const bool isBlank = !yaml.root && yaml.problems.size() == 1
        && yaml.problems.constFirst().rule == Rule::NotAMapping && header.trimmed().isEmpty();
    if (isBlank)
        yaml.root = YamlNode{YamlNode::Kind::Mapping};
    else if (!yaml.problems.isEmpty())
        return cannotEdit(key, yaml.problems.constFirst().message);
    const YamlNode &root = *yaml.root;

    Edit edit;
    if (const YamlNode *field = root.find(key); !field) {
        edit = appended(*parts, root, key, value);
    } else if (field->isScalar()) {
        edit = {field->start, field->end, yamlScalar(value, styleOf(header, *field))};
        // A block text that keeps its last line ends has swallowed one that the next line needs.
        if (field->end > field->start && header[field->end - 1] == '\n')
            edit.bytes += parts->crlf ? "\r\n" : "\n";
    } else if (field->isEmpty()) {
        const auto index = static_cast<size_t>(field - root.items.data());
        edit = emptyValue(header, root.keys[index], value);
    } else {
        return cannotEdit(key, u"it holds a list or fields of its own"_s);
    }

    QByteArray changed = text.toByteArray();
    changed.replace(parts->headerOffset + edit.start, edit.end - edit.start, edit.bytes);

    hits.clear();
    const auto changedParts = splitFrontMatter(changed, hits);
    const YamlHeader check = changedParts ? parseYamlHeader(changedParts->header) : YamlHeader();
    if (!check.root || !check.problems.isEmpty() || !hasOnly(root, *check.root, key, value))
        return cannotEdit(key, u"its value is written in a way that cannot be replaced safely"_s);
    return changed;
}

} // namespace skillbox
