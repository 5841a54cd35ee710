#include "engine/skill/checker/dialect.h"

#include "engine/skill/checker/capabilities.h"
#include "engine/skill/front_matter.h"
#include "engine/skill/manifest_reader.h"
#include "engine/skill/semver.h"
#include "engine/skill/text_position.h"
#include "engine/skill/yaml_header.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

tl::unexpected<Error> cannotConvert(const QString &why)
{
    return fail(ErrorCode::InvalidSkill, u"SKILL.md cannot be converted: "_s + why);
}

bool isRuntimeField(QStringView key)
{
    static const QStringList fields{u"lang"_s, u"image"_s, u"timeout"_s, u"mode"_s,
                                    u"entrypoint"_s};
    return fields.contains(key);
}

bool isResource(QStringView key)
{
    return key == u"cpu" || key == u"memory";
}

/// A field on its way: name, value as it is written, and the comment behind it.
struct Field {
    QString name; ///< `lang`, `cpu`, `version`
    QByteArray value;
    QByteArray comment; ///< from its `#` on; empty: none
};

/// Takes a header apart by lines, moves fields, and puts it together again.
class Converter
{
public:
    Converter(const FrontMatter &parts, const YamlHeader &yaml)
        : m_header(parts.header)
        , m_root(*yaml.root)
        , m_lineEnd(parts.crlf ? "\r\n" : "\n")
    {
    }

    Result<QByteArray> toSpecification()
    {
        for (size_t i = 0; i < m_root.keys.size(); ++i) {
            const QString &key = m_root.keys[i].text;
            const YamlNode &value = m_root.items[i];
            if (isRuntimeField(key) || key == u"version") {
                if (const auto taken = take(key, m_root.keys[i], value); !taken)
                    return fail(taken.error());
            } else if (key == u"resources") {
                if (!value.isMapping() && !value.isEmpty())
                    return cannotConvert(u"resources holds no fields"_s);
                for (size_t k = 0; k < value.keys.size(); ++k) {
                    if (!isResource(value.keys[k].text))
                        return cannotConvert(u"resources holds an unknown field"_s);
                    if (const auto taken = take(value.keys[k].text, value.keys[k], value.items[k]);
                        !taken) {
                        return fail(taken.error());
                    }
                }
                removeLines(m_root.keys[i].start, m_root.keys[i].end, false);
            }
        }
        if (m_fields.isEmpty())
            return m_header.toByteArray();

        const YamlNode *metadata = m_root.find(u"metadata");
        if (metadata && !metadata->isEmpty() && (!metadata->isMapping() || metadata->flow))
            return cannotConvert(u"metadata is not written one field per line"_s);
        QByteArray indent("  ");
        if (metadata && !metadata->keys.empty())
            indent = indentOf(metadata->keys.front().start);
        QByteArray block;
        for (const Field &field : std::as_const(m_fields)) {
            const QString key = field.name == u"version" ? field.name : u"skillbox."_s + field.name;
            if (metadata && metadata->find(key))
                return cannotConvert(u"%1 is given in both spellings"_s.arg(field.name));
            block += indent + line(key, field);
        }
        if (!metadata) {
            insertAt(m_header.size(), "metadata:" + m_lineEnd + block);
        } else {
            // Behind its last field, or behind its own line where it has none.
            const qsizetype last = metadata->keys.empty() ? keyOf(u"metadata").end : metadata->end;
            insertAt(nextLine(m_header, std::max<qsizetype>(last - 1, 0)), block);
        }
        return assembled();
    }

    Result<QByteArray> toRuntime()
    {
        const YamlNode *metadata = m_root.find(u"metadata");
        if (!metadata || !metadata->isMapping())
            return m_header.toByteArray();
        if (metadata->flow)
            return cannotConvert(u"metadata is not written one field per line"_s);
        size_t left = metadata->keys.size();
        for (size_t i = 0; i < metadata->keys.size(); ++i) {
            const YamlNode &key = metadata->keys[i];
            const YamlNode &value = metadata->items[i];
            const QString name = key.text.startsWith(u"skillbox.") ? key.text.sliced(9) : QString();
            const bool isVersion = key.text == u"version" && value.isScalar()
                && SemVer::parse(value.text.trimmed());
            if (isVersion || isRuntimeField(name) || isResource(name)) {
                if (const auto taken = take(isVersion ? key.text : name, key, value); !taken)
                    return fail(taken.error());
                --left;
            } else if (key.text == u"skillbox" && value.isMapping() && !value.flow) {
                size_t inner = value.keys.size();
                for (size_t k = 0; k < value.keys.size(); ++k) {
                    if (!isRuntimeField(value.keys[k].text) && !isResource(value.keys[k].text))
                        continue;
                    if (const auto taken = take(value.keys[k].text, value.keys[k], value.items[k]);
                        !taken) {
                        return fail(taken.error());
                    }
                    --inner;
                }
                if (inner == 0) {
                    removeLines(key.start, key.end, false);
                    --left;
                }
            }
        }
        if (m_fields.isEmpty())
            return m_header.toByteArray();
        QByteArray block;
        QByteArray resources;
        const QByteArray indent = indentOf(m_root.keys.front().start);
        for (const Field &field : std::as_const(m_fields)) {
            if (m_root.find(field.name))
                return cannotConvert(u"%1 is given in both spellings"_s.arg(field.name));
            if (isResource(field.name))
                resources += indent + "  " + line(field.name, field);
            else
                block += indent + line(field.name, field);
        }
        if (!resources.isEmpty()) {
            if (m_root.find(u"resources"))
                return cannotConvert(u"resources are given in both spellings"_s);
            block += indent + "resources:" + m_lineEnd + resources;
        }
        insertAt(lineStart(keyOf(u"metadata").start), block);
        if (left == 0)
            removeLines(keyOf(u"metadata").start, keyOf(u"metadata").end, false);
        return assembled();
    }

private:
    const YamlNode &keyOf(QStringView name) const
    {
        const auto found = std::find_if(m_root.keys.begin(), m_root.keys.end(),
                                        [name](const YamlNode &key) { return key.text == name; });
        return *found;
    }

    qsizetype lineStart(qsizetype at) const { return m_header.first(at).lastIndexOf('\n') + 1; }

    QByteArray indentOf(qsizetype at) const { return QByteArray(at - lineStart(at), ' '); }

    QByteArray line(const QString &key, const Field &field) const
    {
        QByteArray text = key.toUtf8() + ':';
        if (!field.value.isEmpty())
            text += ' ' + field.value;
        if (!field.comment.isEmpty())
            text += "  " + field.comment;
        return text + m_lineEnd;
    }

    Result<void> take(const QString &name, const YamlNode &key, const YamlNode &value)
    {
        const qsizetype end = std::max(key.end, value.end);
        if (m_header.sliced(key.start, end - key.start).contains('\n') || value.isMapping()
            || value.kind == YamlNode::Kind::Sequence) {
            return cannotConvert(u"the field %1 takes more than one line"_s.arg(name));
        }
        Field field{name, {}, {}};
        if (value.isScalar())
            field.value = m_header.sliced(value.start, value.end - value.start).toByteArray();
        const qsizetype stop = nextLine(m_header, end);
        const auto rest = m_header.sliced(end, stop - end);
        if (const qsizetype hash = rest.indexOf('#'); hash >= 0)
            field.comment = rest.sliced(hash).trimmed().toByteArray();
        removeLines(key.start, end, true);
        m_fields += std::move(field);
        return {};
    }

    /// The lines of [start, end). A comment behind them stays on a line of its own, unless it moves
    /// along.
    void removeLines(qsizetype start, qsizetype end, bool commentMoves)
    {
        const qsizetype from = lineStart(start);
        const qsizetype to = nextLine(m_header, end);
        QByteArray kept;
        const auto rest = m_header.sliced(end, to - end);
        if (const qsizetype hash = rest.indexOf('#'); hash >= 0 && !commentMoves)
            kept = rest.sliced(hash).trimmed().toByteArray() + m_lineEnd;
        // Within a flow mapping several fields share a line; it goes once.
        for (const Change &change : std::as_const(m_changes)) {
            if (change.start == from && change.end == to)
                return;
        }
        m_changes += {from, to, kept};
    }

    void insertAt(qsizetype at, const QByteArray &text)
    {
        const bool needsEnd = at > 0 && m_header[at - 1] != '\n';
        m_changes += {at, at, (needsEnd ? m_lineEnd : QByteArray()) + text};
    }

    QByteArray assembled() const
    {
        QList<Change> changes = m_changes;
        std::stable_sort(changes.begin(), changes.end(),
                         [](const Change &a, const Change &b) { return a.start < b.start; });
        QByteArray text;
        qsizetype at = 0;
        for (const Change &change : std::as_const(changes)) {
            if (change.start < at)
                continue; // inside lines that are gone already
            text += m_header.sliced(at, change.start - at);
            text += change.text;
            at = change.end;
        }
        text += m_header.sliced(at);
        return text;
    }

    struct Change {
        qsizetype start;
        qsizetype end;
        QByteArray text;
    };
    QByteArrayView m_header;
    const YamlNode &m_root;
    QByteArray m_lineEnd;
    QList<Field> m_fields;
    QList<Change> m_changes;
};

/// Comments by their text, wherever they stand.
QByteArrayList commentsIn(QByteArrayView header)
{
    QByteArrayList comments;
    for (const QByteArray &line : header.toByteArray().split('\n')) {
        const qsizetype hash = line.startsWith('#') ? 0 : line.indexOf(" #");
        if (hash >= 0)
            comments += line.sliced(hash).trimmed();
    }
    std::sort(comments.begin(), comments.end());
    return comments;
}

bool meansTheSame(const Manifest &a, const Manifest &b)
{
    const auto others = [](const Manifest &manifest) {
        QList<QPair<QString, QString>> rows;
        for (const auto &row : manifest.metadata) {
            const bool isRuntime = row.first == u"version" || row.first == u"skillbox"
                || (row.first.startsWith(u"skillbox.") && row.first != u"skillbox.capabilities");
            if (!isRuntime)
                rows += row;
        }
        return rows;
    };
    return a.name == b.name && a.version == b.version && a.description == b.description
        && a.language == b.language && a.image == b.image && a.timeout == b.timeout
        && a.milliCpu == b.milliCpu && a.memoryBytes == b.memoryBytes && a.mode == b.mode
        && a.entrypoint == b.entrypoint && a.license == b.license
        && a.compatibility == b.compatibility && a.allowedTools == b.allowedTools
        && a.unknownKeys == b.unknownKeys && a.instructions == b.instructions
        && others(a) == others(b)
        && declaredCapabilities(a).capabilities == declaredCapabilities(b).capabilities;
}

} // namespace

Result<QByteArray> convertDialect(QByteArrayView text, Dialect dialect)
{
    const ManifestReading before = readManifest(text);
    for (const Finding &finding : findingsOf(before.hits, LintProfile::Skillbox)) {
        if (finding.severity == Severity::Error)
            return cannotConvert(finding.message);
    }
    QList<RuleHit> hits;
    const auto parts = splitFrontMatter(text, hits);
    if (!parts || !before.manifest)
        return cannotConvert(u"it has no front matter"_s);
    const YamlHeader yaml = parseYamlHeader(parts->header);
    if (!yaml.root || yaml.root->keys.empty())
        return cannotConvert(u"its front matter is empty"_s);
    Converter converter(*parts, yaml);
    const auto header = dialect == Dialect::Specification ? converter.toSpecification()
                                                          : converter.toRuntime();
    if (!header)
        return fail(header.error());
    QByteArray changed = text.toByteArray();
    changed.replace(parts->headerOffset, parts->header.size(), *header);

    const ManifestReading after = readManifest(changed);
    const auto afterParts = splitFrontMatter(changed, hits);
    if (!after.manifest || !afterParts || !meansTheSame(*before.manifest, *after.manifest)
        || commentsIn(parts->header) != commentsIn(afterParts->header)) {
        return cannotConvert(u"its fields are written in a way that cannot be moved safely"_s);
    }
    return changed;
}

} // namespace skillbox
