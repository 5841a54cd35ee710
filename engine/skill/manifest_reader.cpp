#include "engine/skill/manifest_reader.h"

#include "engine/skill/front_matter.h"
#include "engine/skill/manifest_fields.h"
#include "engine/skill/path_rules.h"
#include "engine/skill/quantity.h"
#include "engine/skill/text_position.h"
#include "engine/skill/yaml_header.h"
#include "engine/skill/yaml_scalar.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int maxDescriptionLength = 1024;
constexpr int maxCompatibilityLength = 500;

QString jsonString(const QString &text)
{
    const QByteArray array = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(array.sliced(1, array.size() - 2));
}

/// Compact JSON, in the order of the source and every scalar as text.
QString toJson(const YamlNode &node)
{
    switch (node.kind) {
    case YamlNode::Kind::Null: return u"null"_s;
    case YamlNode::Kind::Scalar: return jsonString(node.text);
    case YamlNode::Kind::Sequence: {
        QStringList items;
        for (const YamlNode &item : node.items)
            items += toJson(item);
        return u'[' + items.join(u',') + u']';
    }
    case YamlNode::Kind::Mapping: break;
    }
    QStringList members;
    for (size_t i = 0; i < node.keys.size(); ++i)
        members += jsonString(node.keys[i].text) + u':' + toJson(node.items[i]);
    return u'{' + members.join(u',') + u'}';
}

/// A place where a field was given.
struct Given {
    QString key; ///< as it is spelled there, for messages
    const YamlNode *node = nullptr;
};

class ManifestReader
{
public:
    ManifestReader(const FrontMatter &parts, const YamlHeader &yaml, const TextPosition &position,
                   ManifestReading &reading)
        : m_parts(parts)
        , m_yaml(yaml)
        , m_root(*yaml.root)
        , m_position(position)
        , m_reading(reading)
    {
    }

    void read()
    {
        m_reading.manifest.emplace();
        readSpecFields();
        readMetadata();
        readRuntimeFields();
        readUnknownKeys();
        reportFlow(m_root);
        manifest().instructions = QString::fromUtf8(m_parts.body).trimmed();
    }

private:
    Manifest &manifest() { return *m_reading.manifest; }

    TextRange rangeOf(const YamlNode &node) const
    {
        return m_position.range(m_parts.headerOffset + node.start, m_parts.headerOffset + node.end);
    }

    Fix replacement(QString title, FixSafety safety, const YamlNode &node, const QString &text) const
    {
        return {std::move(title),
                safety,
                {{m_parts.headerOffset + node.start, node.end - node.start,
                  yamlScalar(text, YamlStyle::Plain)}},
                {}};
    }

    void hit(Rule rule, QString message, const YamlNode &node, QString hint = {})
    {
        m_reading.hits += {rule, std::move(message), rangeOf(node), std::move(hint)};
    }

    /// The field's text without white space around it; nullopt if it has none.
    std::optional<QString> textOf(const Given &given, Rule wrongType)
    {
        if (!given.node || given.node->isEmpty())
            return std::nullopt;
        if (!given.node->isScalar()) {
            hit(wrongType, u"%1 must be text"_s.arg(given.key), *given.node,
                given.node->flow ? u"Put the value in quotes."_s : QString());
            return std::nullopt;
        }
        return given.node->text.trimmed();
    }

    std::optional<QString> specText(const QString &key, Rule wrongType = Rule::WrongType)
    {
        return textOf({key, m_root.find(key)}, wrongType);
    }

    /// The key, or the start of the header if it is not there.
    YamlNode keyOrStart(QStringView name) const
    {
        for (const YamlNode &key : m_root.keys) {
            if (key.text == name)
                return key;
        }
        return {};
    }

    void readSpecFields()
    {
        readName();
        readDescription();
        manifest().license = specText(u"license"_s, Rule::OtherWrongType).value_or(QString());
        manifest().compatibility = specText(u"compatibility"_s).value_or(QString());
        const auto length = manifest().compatibility.toUcs4().size();
        if (length > maxCompatibilityLength) {
            hit(Rule::CompatibilityTooLong,
                u"compatibility has %1 characters; at most %2 are allowed"_s.arg(length).arg(
                    maxCompatibilityLength),
                *m_root.find(u"compatibility"));
        }
        readAllowedTools();
    }

    void readName()
    {
        const YamlNode *node = m_root.find(u"name");
        const auto name = specText(u"name"_s);
        if (node && !node->isEmpty() && !name)
            return;
        if (!name || name->isEmpty()) {
            hit(Rule::NameMissing, u"the skill has no name"_s, keyOrStart(u"name"),
                u"Add name: followed by the folder's name."_s);
            return;
        }
        manifest().name = *name;
        m_reading.places.insert(u"name"_s, rangeOf(*node));
        for (RuleHit found : checkName(*name)) {
            found.range = rangeOf(*node);
            if (const QString valid = specificationName(*name);
                !valid.isEmpty() && valid != *name && node->isScalar()) {
                found.fix = replacement(u"Rename the skill to %1"_s.arg(valid), FixSafety::Unsafe,
                                        *node, valid);
            }
            m_reading.hits += std::move(found);
        }
    }

    void readDescription()
    {
        const YamlNode *node = m_root.find(u"description");
        const auto description = specText(u"description"_s);
        if (node && !node->isEmpty() && !description)
            return;
        if (!description || description->isEmpty()) {
            hit(Rule::DescriptionMissing, u"the skill has no description"_s,
                keyOrStart(u"description"),
                u"Add description: followed by what the skill does and when to use it."_s);
            return;
        }
        manifest().description = *description;
        m_reading.places.insert(u"description"_s, rangeOf(*node));
        // The specification counts the value as written, white space included.
        const auto length = node->text.toUcs4().size();
        if (length > maxDescriptionLength) {
            hit(Rule::DescriptionTooLong,
                u"the description has %1 characters; the specification allows %2"_s.arg(length).arg(
                    maxDescriptionLength),
                *node, u"Move details below the front matter."_s);
        }
    }

    void readAllowedTools()
    {
        const YamlNode *node = m_root.find(u"allowed-tools");
        if (!node || node->isEmpty())
            return;
        if (node->isScalar()) {
            manifest().allowedTools = splitTools(node->text);
            return;
        }
        for (const YamlNode &item : node->items) {
            if (node->isMapping() || !item.isScalar()) {
                hit(Rule::WrongType, u"allowed-tools must be text or a list of texts"_s, *node);
                return;
            }
            manifest().allowedTools += item.text.trimmed();
        }
        if (node->isMapping() && node->items.empty())
            hit(Rule::WrongType, u"allowed-tools must be text or a list of texts"_s, *node);
    }

    void readMetadata()
    {
        const YamlNode *node = m_root.find(u"metadata");
        if (!node || node->isEmpty())
            return;
        if (!node->isMapping()) {
            hit(Rule::OtherWrongType, u"metadata must hold fields, one `key: value` per line"_s,
                *node);
            return;
        }
        m_metadata = node;
        for (size_t i = 0; i < node->keys.size(); ++i) {
            const YamlNode &value = node->items[i];
            const QString text = value.isScalar() ? value.text.trimmed()
                : value.isEmpty()                 ? QString()
                                                  : toJson(value);
            manifest().metadata += {node->keys[i].text, text};
        }
        reportUnknownRuntimeKeys(*node);
    }

    static QStringList runtimeKeys()
    {
        return {u"lang"_s,  u"timeout"_s,    u"memory"_s, u"cpu"_s,
                u"image"_s, u"entrypoint"_s, u"mode"_s, u"capabilities"_s};
    }

    void reportUnknownRuntimeKey(const YamlNode &node, const QString &spelled, const QString &key,
                                 const QStringList &known)
    {
        if (known.contains(key))
            return;
        const QString meant = similarKey(key, known);
        hit(Rule::UnknownRuntimeKey, u"the key %1 has no effect"_s.arg(quotedName(spelled)), node,
            meant.isEmpty() ? u"Known here are: %1."_s.arg(known.join(u", "_s))
                            : u"Did you mean %1?"_s.arg(meant));
    }

    void reportUnknownRuntimeKeys(const YamlNode &metadata)
    {
        const QString prefix = u"skillbox."_s;
        for (size_t i = 0; i < metadata.keys.size(); ++i) {
            const QString &key = metadata.keys[i].text;
            if (key.startsWith(prefix)) {
                reportUnknownRuntimeKey(metadata.keys[i], key, key.sliced(prefix.size()),
                                        runtimeKeys());
            } else if (key == u"skillbox" && metadata.items[i].isMapping()) {
                for (const YamlNode &inner : metadata.items[i].keys)
                    reportUnknownRuntimeKey(inner, prefix + inner.text, inner.text, runtimeKeys());
            }
        }
    }

    /// Everywhere a runtime field can stand.
    QList<Given> givenRuntime(const QString &key)
    {
        QList<Given> places;
        const bool isResource = key == u"cpu" || key == u"memory";
        const YamlNode *resources = m_root.find(u"resources");
        const YamlNode *top = !isResource         ? m_root.find(key)
            : resources && resources->isMapping() ? resources->find(key)
                                                  : nullptr;
        places += Given{isResource ? u"resources."_s + key : key, top};
        if (m_metadata) {
            places += Given{u"skillbox."_s + key, m_metadata->find(u"skillbox."_s + key)};
            const YamlNode *nested = m_metadata->find(u"skillbox");
            if (nested && nested->isMapping())
                places += Given{u"skillbox."_s + key, nested->find(key)};
        }
        for (const Given &given : places) {
            if (given.node && !given.node->isEmpty() && !m_reading.places.contains(key))
                m_reading.places.insert(key, rangeOf(*given.node));
        }
        return places;
    }

    /// Reads one field from every place where it is given; they must agree.
    template<typename Value, typename Parse>
    std::optional<Value> agreed(const QList<Given> &places, Rule invalid, const QString &hint,
                                Parse parse)
    {
        std::optional<Value> agreedValue;
        QString agreedKey;
        for (const Given &given : places) {
            const auto text = textOf(given, Rule::OtherWrongType);
            if (!text)
                continue;
            const Result<Value> value = parse(*text);
            if (!value) {
                hit(invalid, u"%1: %2"_s.arg(given.key, value.error().message), *given.node, hint);
            } else if (!agreedValue) {
                agreedValue = *value;
                agreedKey = given.key;
            } else if (*agreedValue != *value) {
                hit(Rule::Disagreement,
                    u"%1 is %2, but %3 says otherwise"_s.arg(given.key, quotedName(*text), agreedKey),
                    *given.node, u"Keep one of the two."_s);
            }
        }
        return agreedValue;
    }

    void readRuntimeFields()
    {
        readVersion();

        manifest().language = agreed<Language>(
            givenRuntime(u"lang"_s), Rule::LanguageUnknown, u"Use python, node or bash."_s,
            [](const QString &text) -> Result<Language> {
                const auto language = languageFromName(text);
                return language ? Result<Language>(*language)
                                : fail(ErrorCode::InvalidSkill,
                                       u"%1 is not a language that can be run"_s.arg(quotedName(text)));
            });
        manifest().mode = agreed<SkillMode>(
            givenRuntime(u"mode"_s), Rule::ModeUnknown, u"Use executable or cognitive."_s,
            [](const QString &text) -> Result<SkillMode> {
                for (const SkillMode mode : {SkillMode::Executable, SkillMode::Cognitive}) {
                    if (text == skillModeName(mode))
                        return mode;
                }
                return fail(ErrorCode::InvalidSkill, u"%1 is not a mode"_s.arg(quotedName(text)));
            });
        manifest().timeout = agreed<std::chrono::milliseconds>(
            givenRuntime(u"timeout"_s), Rule::TimeoutInvalid, {},
            [](const QString &text) { return parseDuration(text); });
        manifest().memoryBytes = agreed<qint64>(givenRuntime(u"memory"_s), Rule::MemoryInvalid, {},
                                                [](const QString &text) {
                                                    return parseBytes(text);
                                                });
        manifest().milliCpu = agreed<int>(givenRuntime(u"cpu"_s), Rule::CpuInvalid, {},
                                          [](const QString &text) { return parseMilliCpu(text); });
        manifest().image = agreed<QString>(givenRuntime(u"image"_s), Rule::ImageInvalid,
                                           u"Write it like python:3.12-slim."_s, checkImage)
                               .value_or(QString());
        givenRuntime(u"capabilities"_s); // for its place; declaredCapabilities() reads the value
        manifest().entrypoint = agreed<QString>(givenRuntime(u"entrypoint"_s),
                                                Rule::EntrypointInvalid,
                                                u"Write it like scripts/main.py."_s,
                                                checkEntrypoint)
                                    .value_or(QString());

        if (const YamlNode *resources = m_root.find(u"resources")) {
            if (!resources->isMapping() && !resources->isEmpty()) {
                hit(Rule::OtherWrongType, u"resources must hold the fields cpu and memory"_s,
                    *resources);
            }
            for (const YamlNode &key : resources->keys) {
                reportUnknownRuntimeKey(key, u"resources."_s + key.text, key.text,
                                        {u"cpu"_s, u"memory"_s});
            }
        }
    }

    void readVersion()
    {
        const YamlNode *inMetadata = m_metadata ? m_metadata->find(u"version") : nullptr;
        const auto versionHint = u"Write it like 1.0.0, or 1.0.0-beta.1 before a release."_s;
        const QList<Given> places{{u"version"_s, m_root.find(u"version")},
                                  {u"metadata.version"_s, inMetadata}};
        const auto version = agreed<QString>(
            places, Rule::VersionInvalid, versionHint,
            [this, &places](const QString &text) -> Result<QString> {
                // The specification's own example says `metadata: {version: "1.0"}`.
                const YamlNode *node = places[1].node;
                const QString completed = completedVersion(text);
                if (node && node->text.trimmed() == text && !places[0].node
                    && !completed.isEmpty()) {
                    hit(Rule::VersionIncomplete,
                        u"metadata.version %1 is read as %2"_s.arg(quotedName(text), completed), *node,
                        u"Write it out."_s);
                    m_reading.hits.last().fix = replacement(
                        u"Write %1"_s.arg(completed), FixSafety::Safe, *node, completed);
                    return completed;
                }
                return checkVersion(text);
            });
        if (version)
            manifest().version = *version;
    }

    void readUnknownKeys()
    {
        static const QStringList known{u"name"_s,      u"description"_s,   u"license"_s,
                                       u"metadata"_s,  u"compatibility"_s, u"allowed-tools"_s,
                                       u"version"_s,   u"lang"_s,          u"image"_s,
                                       u"timeout"_s,   u"resources"_s,     u"mode"_s,
                                       u"entrypoint"_s};
        constexpr qsizetype specFields = 6;
        for (size_t i = 0; i < m_root.keys.size(); ++i) {
            const YamlNode &key = m_root.keys[i];
            const qsizetype index = known.indexOf(key.text);
            if (index >= 0 && index < specFields)
                continue;
            const bool runtime = index >= 0;
            if (!runtime) {
                manifest().unknownKeys += {key.text, m_yaml.entry(m_parts.header, i).toByteArray()};
            }
            reportKey(key, runtime, known);
        }
    }

    void reportKey(const YamlNode &key, bool runtime, const QStringList &known)
    {
        if (!runtime) {
            const QString meant = similarKey(key.text, known);
            hit(Rule::UnknownKey,
                u"the key %1 is not known; it is kept and has no effect"_s.arg(quotedName(key.text)),
                key, meant.isEmpty() ? QString() : u"Did you mean %1?"_s.arg(meant));
            if (!meant.isEmpty() && !m_root.find(meant)) {
                m_reading.hits.last().fix = replacement(u"Rename the key to %1"_s.arg(meant),
                                                        FixSafety::Unsafe, key, meant);
            }
            return;
        }
        const QString instead = key.text == u"version" ? key.text
            : key.text == u"resources"                 ? u"skillbox.cpu and skillbox.memory"_s
                                                       : u"skillbox."_s + key.text;
        hit(Rule::RuntimeKey, u"the key %1 is not part of the specification"_s.arg(quotedName(key.text)),
            key, u"Write it under metadata as %1."_s.arg(instead));
    }

    bool reportFlow(const YamlNode &node)
    {
        if (node.flow) {
            YamlNode bracket;
            bracket.start = node.start;
            bracket.end = node.start + 1;
            hit(Rule::FlowCollection,
                u"the specification's validator refuses collections in [] and {}"_s, bracket,
                u"Write one item per line."_s);
            return true;
        }
        for (const YamlNode &item : node.items) {
            if (reportFlow(item))
                return true;
        }
        return false;
    }

    const FrontMatter &m_parts;
    const YamlHeader &m_yaml;
    const YamlNode &m_root;
    const TextPosition &m_position;
    ManifestReading &m_reading;
    const YamlNode *m_metadata = nullptr; ///< null unless it is a mapping
};

} // namespace

ManifestReading readManifest(QByteArrayView text)
{
    ManifestReading reading;
    const auto parts = splitFrontMatter(text, reading.hits);
    if (!parts)
        return reading;
    reading.bodyOffset = parts->bodyOffset;
    const TextPosition position(text);
    const YamlHeader yaml = parseYamlHeader(parts->header);
    for (const YamlProblem &problem : yaml.problems) {
        reading.hits += {problem.rule, problem.message,
                         position.range(parts->headerOffset + problem.start,
                                        parts->headerOffset + problem.end),
                         problem.hint};
    }
    if (yaml.root)
        ManifestReader(*parts, yaml, position, reading).read();
    return reading;
}

} // namespace skillbox
