#include "engine/skill/header_edit.h"

#include "engine/skill/front_matter.h"
#include "engine/skill/manifest.h"
#include "engine/skill/path_rules.h"
#include "engine/skill/text_position.h"
#include "engine/skill/yaml_header.h"
#include "engine/skill/yaml_scalar.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

tl::unexpected<Error> cannotSet(const QStringList &path, const QString &why)
{
    return fail(ErrorCode::InvalidSkill,
                u"the field %1 of SKILL.md cannot be set: %2"_s.arg(
                    quotedName(path.join(u'.').toUtf8()), why));
}

/// The header as it is, and where its parts stand.
struct Header {
    FrontMatter parts;
    YamlNode root;
};

Result<Header> readHeader(QByteArrayView text, const QStringList &path)
{
    QList<RuleHit> hits;
    const auto parts = splitFrontMatter(text, hits);
    if (!parts)
        return cannotSet(path, hits.constLast().message);
    YamlHeader yaml = parseYamlHeader(parts->header);
    const bool isBlank = !yaml.root && yaml.problems.size() == 1
        && yaml.problems.constFirst().rule == Rule::NotAMapping
        && parts->header.trimmed().isEmpty();
    if (isBlank)
        return Header{*parts, YamlNode{YamlNode::Kind::Mapping}};
    if (!yaml.problems.isEmpty())
        return cannotSet(path, yaml.problems.constFirst().message);
    return Header{*parts, std::move(*yaml.root)};
}

qsizetype lineStart(QByteArrayView header, qsizetype at)
{
    return header.first(at).lastIndexOf('\n') + 1;
}

/// The bytes of entry `index` of a block mapping with its line ends.
QPair<qsizetype, qsizetype> entryLines(QByteArrayView header, const YamlNode &mapping,
                                       size_t index)
{
    const qsizetype start = lineStart(header, mapping.keys[index].start);
    const YamlNode &value = mapping.items[index];
    const qsizetype last = std::max(mapping.keys[index].end, value.isEmpty() ? 0 : value.end);
    // A block text ends with a line end that is its own.
    const qsizetype end = last > 0 && header[last - 1] == '\n' ? last : nextLine(header, last);
    return {start, end};
}

struct HeaderChange {
    qsizetype start = 0;
    qsizetype end = 0;
    QByteArray bytes;
};

/// The fields of a mapping as text, for the check that nothing else changed.
void flatten(const YamlNode &node, const QString &prefix, QMap<QString, QString> &out)
{
    if (node.kind == YamlNode::Kind::Mapping) {
        for (size_t i = 0; i < node.keys.size(); ++i)
            flatten(node.items[i], prefix + u'\n' + node.keys[i].text, out);
        return;
    }
    if (node.kind == YamlNode::Kind::Sequence) {
        for (size_t i = 0; i < node.items.size(); ++i)
            flatten(node.items[i], prefix + u'\n' + QString::number(i), out);
        return;
    }
    out.insert(prefix, node.isEmpty() ? u"\0"_s : node.text);
}

} // namespace

Result<QByteArray> withHeaderField(QByteArrayView text, const QStringList &path,
                                   const std::optional<QString> &value)
{
    static const QRegularExpression plainKey(u"\\A[A-Za-z][A-Za-z0-9_.-]*\\z"_s);
    if (path.isEmpty() || path.size() > 2)
        return fail(ErrorCode::BadRequest, u"a field has one or two keys"_s);
    for (const QString &key : path) {
        if (!plainKey.match(key).hasMatch())
            return fail(ErrorCode::BadRequest, u"%1 is not a key"_s.arg(quotedName(key.toUtf8())));
    }
    const auto read = readHeader(text, path);
    if (!read)
        return fail(read.error());
    const auto header = read->parts.header;
    const QByteArray lineEnd = read->parts.crlf ? "\r\n" : "\n";

    const YamlNode *mapping = &read->root;
    size_t parent = 0; // of `mapping` in the root, for a path of two
    if (path.size() == 2) {
        mapping = read->root.find(path.first());
        if (mapping)
            parent = static_cast<size_t>(mapping - read->root.items.data());
    }
    const QString &key = path.last();
    HeaderChange change;
    if (!mapping || (mapping->isEmpty() && path.size() == 2)) {
        if (!value)
            return text.toByteArray();
        const QByteArray field = "  " + key.toUtf8() + ": " + yamlScalar(*value, YamlStyle::Plain)
            + lineEnd;
        if (mapping) {
            const qsizetype end = entryLines(header, read->root, parent).second;
            change = {end, end, field};
        } else {
            change = {header.size(), header.size(), path.first().toUtf8() + ':' + lineEnd + field};
        }
    } else if (!mapping->isMapping()) {
        return cannotSet(path, u"%1 is not a mapping"_s.arg(quotedName(path.first().toUtf8())));
    } else if (const YamlNode *field = mapping->find(key)) {
        const auto index = static_cast<size_t>(field - mapping->items.data());
        if (mapping->flow)
            return cannotSet(path, u"it stands in a mapping on one line"_s);
        if (!value) {
            const bool wholeParent = path.size() == 2 && mapping->keys.size() == 1;
            const auto [start, end] = wholeParent ? entryLines(header, read->root, parent)
                                                  : entryLines(header, *mapping, index);
            change = {start, end, {}};
        } else if (field->isScalar()) {
            const char quote = field->start < header.size() ? header[field->start] : ' ';
            const YamlStyle style = quote == '"' ? YamlStyle::DoubleQuoted
                : quote == '\''                  ? YamlStyle::SingleQuoted
                                                 : YamlStyle::Plain;
            change = {field->start, field->end, yamlScalar(*value, style)};
            if (field->end > field->start && header[field->end - 1] == '\n')
                change.bytes += lineEnd;
        } else if (field->isEmpty()) {
            const auto [start, end] = entryLines(header, *mapping, index);
            const qsizetype indent = mapping->keys[index].start - start;
            change = {start, end,
                      QByteArray(indent, ' ') + key.toUtf8() + ": "
                          + yamlScalar(*value, YamlStyle::Plain) + lineEnd};
        } else {
            return cannotSet(path, u"it holds a list or fields of its own"_s);
        }
    } else {
        if (!value)
            return text.toByteArray();
        if (mapping->flow)
            return cannotSet(path, u"it stands in a mapping on one line"_s);
        qsizetype at = header.size();
        qsizetype indent = 0;
        if (!mapping->keys.empty()) {
            const qsizetype first = mapping->keys.front().start;
            indent = first - lineStart(header, first);
            if (path.size() == 2)
                at = entryLines(header, *mapping, mapping->keys.size() - 1).second;
        }
        change = {at, at,
                  QByteArray(indent, ' ') + key.toUtf8() + ": "
                      + yamlScalar(*value, YamlStyle::Plain) + lineEnd};
    }

    QByteArray changed = text.toByteArray();
    changed.replace(read->parts.headerOffset + change.start, change.end - change.start,
                    change.bytes);

    // Whatever was misread above shows here.
    QMap<QString, QString> before;
    QMap<QString, QString> after;
    flatten(read->root, {}, before);
    const QString place = u'\n' + path.join(u'\n');
    before.remove(place);
    before.removeIf([&](const std::pair<const QString &, QString &> &one) {
        return path.size() == 2 && one.first == u'\n' + path.first(); // an empty `metadata:`
    });
    const auto again = readHeader(changed, path);
    if (!again)
        return cannotSet(path, u"its value is written in a way that cannot be replaced safely"_s);
    flatten(again->root, {}, after);
    const bool isSet = value ? after.value(place) == *value : !after.contains(place);
    after.remove(place);
    if (!isSet || before != after)
        return cannotSet(path, u"its value is written in a way that cannot be replaced safely"_s);
    return changed;
}

} // namespace skillbox
