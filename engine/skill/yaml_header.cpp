#include "engine/skill/yaml_header.h"

#include "engine/skill/path_rules.h"
#include "engine/skill/text_position.h"
#include "engine/skill/yaml_scalar.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <QSet>

#include <algorithm>
#include <sstream>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int maxDepth = 16;
constexpr int maxNodes = 10'000;

/// Thrown through yaml-cpp out of an event; ends the parse.
struct Refused {
    YamlProblem problem;
};

qsizetype leadingWhiteSpace(QByteArrayView line)
{
    qsizetype i = 0;
    while (i < line.size() && (line[i] == ' ' || line[i] == '\t'))
        ++i;
    return i;
}

/// Builds the tree from events. Problems that leave the structure readable are collected.
class TreeBuilder : public YAML::EventHandler
{
public:
    TreeBuilder(QByteArrayView header, QList<YamlProblem> &problems)
        : m_header(header)
        , m_problems(problems)
    {
    }

    std::optional<YamlNode> takeRoot() { return std::move(m_root); }

    void OnDocumentStart(const YAML::Mark &mark) override
    {
        if (m_documentSeen) {
            throw Refused{{Rule::YamlSyntax,
                           u"the front matter holds more than one YAML document"_s, mark.pos,
                           mark.pos}};
        }
        m_documentSeen = true;
    }
    void OnDocumentEnd() override { }

    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        YamlNode node = start(mark, YamlNode::Kind::Null);
        if (anchor != YAML::NullAnchor)
            refuseAnchor(node.start);
        attach(std::move(node));
    }

    void OnAlias(const YAML::Mark &mark, YAML::anchor_t) override
    {
        YamlNode node = start(mark, YamlNode::Kind::Null);
        refuseAnchor(node.start);
        attach(std::move(node));
    }

    void OnScalar(const YAML::Mark &mark, const std::string &, YAML::anchor_t,
                  const std::string &value) override
    {
        YamlNode node = start(mark, YamlNode::Kind::Scalar);
        refuseProperties(node.start);
        node.text = QString::fromStdString(value);
        const bool block = node.start < m_header.size()
            && (m_header[node.start] == '|' || m_header[node.start] == '>');
        node.end = yamlScalarEnd(m_header, node.start, value, block ? keyColumn() : -1);
        if (node.end < 0) {
            // yaml-cpp 0.7 takes the end of the text for the missing quote.
            throw Refused{{Rule::YamlSyntax,
                           u"the front matter is not valid YAML: a quoted value is never closed"_s,
                           node.start, node.start + 1,
                           u"Close it with the quote it begins with."_s}};
        }
        const bool hasControl = std::any_of(node.text.cbegin(), node.text.cend(), [](QChar c) {
            return c.category() == QChar::Other_Control && c != u'\n' && c != u'\t';
        });
        if (hasControl) {
            problem(Rule::ControlCharacter, u"the value holds a control character"_s, node.start,
                    node.end, u"Delete the escape that makes it."_s);
        }
        attach(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t,
                         YAML::EmitterStyle::value style) override
    {
        open(mark, YamlNode::Kind::Sequence, style);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t,
                    YAML::EmitterStyle::value style) override
    {
        open(mark, YamlNode::Kind::Mapping, style);
    }
    void OnMapEnd() override
    {
        dropUnusableKeys(m_open.back());
        close();
    }

private:
    YamlNode start(const YAML::Mark &mark, YamlNode::Kind kind)
    {
        YamlNode node;
        node.kind = kind;
        node.start = std::clamp<qsizetype>(mark.pos, 0, m_header.size());
        node.end = node.start;
        if (++m_nodes > maxNodes) {
            throw Refused{{Rule::HeaderTooComplex,
                           u"the front matter holds more than %1 values"_s.arg(maxNodes),
                           node.start, node.start}};
        }
        return node;
    }

    void open(const YAML::Mark &mark, YamlNode::Kind kind, YAML::EmitterStyle::value style)
    {
        YamlNode node = start(mark, kind);
        node.flow = style == YAML::EmitterStyle::Flow;
        if (m_open.size() >= maxDepth) {
            throw Refused{{Rule::HeaderTooComplex,
                           u"the front matter is nested deeper than %1 levels"_s.arg(maxDepth),
                           node.start, node.start + 1}};
        }
        refuseProperties(node.start);
        m_open.push_back(std::move(node));
    }

    void close()
    {
        YamlNode node = std::move(m_open.back());
        m_open.pop_back();
        if (!node.items.empty())
            node.end = std::max(node.end, node.items.back().end);
        attach(std::move(node));
    }

    void attach(YamlNode node)
    {
        if (m_open.empty()) {
            m_root = std::move(node);
            return;
        }
        YamlNode &parent = m_open.back();
        if (parent.isMapping() && parent.keys.size() == parent.items.size())
            parent.keys.push_back(std::move(node));
        else
            parent.items.push_back(std::move(node));
    }

    /// Where the innermost key that is open begins in its line; block text is indented deeper.
    qsizetype keyColumn() const
    {
        for (auto node = m_open.rbegin(); node != m_open.rend(); ++node) {
            if (!node->keys.empty()) {
                const qsizetype key = node->keys.back().start;
                return key - (m_header.first(key).lastIndexOf('\n') + 1);
            }
        }
        return -1;
    }

    void dropUnusableKeys(YamlNode &mapping)
    {
        QSet<QString> seen;
        std::vector<YamlNode> keys;
        std::vector<YamlNode> items;
        for (size_t i = 0; i < mapping.keys.size(); ++i) {
            YamlNode &key = mapping.keys[i];
            readNullAsText(key);
            if (!key.isScalar()) {
                problem(Rule::KeyNotText, u"a key must be plain text"_s, key.start,
                        std::max(key.end, key.start + 1));
                continue;
            }
            if (key.text == u"<<" && m_header.sliced(key.start).startsWith("<<")) {
                problem(Rule::AliasOrAnchor, u"merge keys (<<) are not read"_s, key.start, key.end,
                        u"Write the fields out."_s);
                continue;
            }
            if (seen.contains(key.text)) {
                problem(Rule::DuplicateKey,
                        u"the key %1 is given twice"_s.arg(quotedName(key.text.toUtf8())),
                        key.start, key.end, u"Keep one of them."_s);
                continue;
            }
            seen.insert(key.text);
            keys.push_back(std::move(key));
            items.push_back(std::move(mapping.items[i]));
        }
        mapping.keys = std::move(keys);
        mapping.items = std::move(items);
    }

    /// A key `null` is a word like any other.
    void readNullAsText(YamlNode &key)
    {
        if (!key.isEmpty())
            return;
        for (const QByteArrayView word : {"null", "Null", "NULL", "~"}) {
            if (m_header.sliced(key.start).startsWith(word)) {
                key.kind = YamlNode::Kind::Scalar;
                key.text = QString::fromLatin1(word);
                key.end = key.start + word.size();
                return;
            }
        }
    }

    void refuseProperties(qsizetype offset)
    {
        // A plain value cannot begin with these characters, so they are what they look like.
        if (offset >= m_header.size())
            return;
        if (m_header[offset] == '&')
            refuseAnchor(offset);
        else if (m_header[offset] == '!')
            problem(Rule::ExplicitTag, u"YAML tags (!) are not read"_s, offset, offset + 1,
                    u"Delete the tag, or put the value in quotes if the ! is part of it."_s);
    }

    void refuseAnchor(qsizetype offset)
    {
        problem(Rule::AliasOrAnchor, u"YAML anchors and aliases (& and *) are not read"_s, offset,
                offset + 1,
                u"Write the value out, or put it in quotes if the character is part of it."_s);
    }

    void problem(Rule rule, QString message, qsizetype start, qsizetype end, QString hint = {})
    {
        // Enough for a person; a hostile header could hold thousands.
        if (m_problems.size() < 100)
            m_problems += {rule, std::move(message), start, end, std::move(hint)};
    }

    QByteArrayView m_header;
    QList<YamlProblem> &m_problems;
    std::vector<YamlNode> m_open;
    std::optional<YamlNode> m_root;
    int m_nodes = 0;
    bool m_documentSeen = false;
};

/// What yaml-cpp would misread or explain badly.
std::optional<YamlProblem> checkLines(QByteArrayView header)
{
    for (qsizetype start = 0; start < header.size(); start = nextLine(header, start)) {
        const auto line = header.sliced(start, nextLine(header, start) - start);
        if (line.trimmed().isEmpty())
            continue;
        if (line.startsWith('\t')) {
            return YamlProblem{Rule::TabIndentation, u"the line is indented with a tab"_s, start,
                               start + leadingWhiteSpace(line), u"Indent with spaces."_s};
        }
        const bool marker = (line.startsWith("---") || line.startsWith("..."))
            && (line.size() == 3 || QByteArrayView(" \t\r\n").contains(line[3]));
        if (marker || line.startsWith('%')) {
            return YamlProblem{
                Rule::YamlSyntax,
                u"YAML document markers and directives cannot stand in front matter"_s, start,
                start + 1};
        }
    }
    return std::nullopt;
}

YamlProblem explain(QByteArrayView header, const YAML::Exception &exception)
{
    const qsizetype offset = std::clamp<qsizetype>(exception.mark.pos, 0, header.size());
    const qsizetype lineStart = header.first(offset).lastIndexOf('\n') + 1;
    const auto line = header.sliced(lineStart, nextLine(header, lineStart) - lineStart);
    const auto indentation = line.first(leadingWhiteSpace(line));
    if (const qsizetype tab = indentation.indexOf('\t'); tab >= 0) {
        return {Rule::TabIndentation, u"the line is indented with a tab"_s, lineStart + tab,
                lineStart + tab + 1, u"Indent with spaces."_s};
    }

    const char at = offset < header.size() ? header[offset] : '\n';
    if (at == '*') {
        return {Rule::AliasOrAnchor,
                u"a value that begins with * is a YAML alias; those are not read"_s, offset,
                offset + 1, u"Put the value in quotes."_s};
    }
    const QString quote = u"Put the whole value in double quotes."_s;
    QString what = QString::fromStdString(exception.msg);
    QString hint;
    if (what == u"illegal map value") {
        what = u"a colon followed by a space cannot stand inside a plain value"_s;
        hint = quote;
    } else if (what == u"unknown token") {
        what = u"a plain value cannot begin with this character"_s;
        hint = quote;
    } else if (what == u"end of map not found") {
        what = u"this does not fit the fields around it"_s;
        hint = u"Check the indentation, and that every field is written `key: value`."_s;
    } else if (what == u"illegal EOF in scalar") {
        what = u"a quoted value is never closed"_s;
    } else if (what.startsWith(u"end of sequence flow") || what.startsWith(u"end of map flow")) {
        what = u"a collection in [] or {} is not closed"_s;
    }
    return {Rule::YamlSyntax, u"the front matter is not valid YAML: %1"_s.arg(what), offset,
            offset + 1, hint};
}

/// Nullopt: `problems` says why.
std::optional<YamlNode> buildTree(QByteArrayView header, QList<YamlProblem> &problems)
{
    try {
        std::istringstream stream(header.toByteArray().toStdString());
        YAML::Parser parser(stream);
        TreeBuilder builder(header, problems);
        while (parser.HandleNextDocument(builder)) { }
        auto root = builder.takeRoot();
        return root ? std::move(root) : YamlNode();
    } catch (const Refused &refused) {
        problems += refused.problem;
    } catch (const YAML::Exception &exception) {
        problems += explain(header, exception);
    } catch (const std::exception &exception) {
        problems += {Rule::YamlSyntax,
                     u"the front matter cannot be read: %1"_s.arg(
                         QString::fromLocal8Bit(exception.what())),
                     0, 0};
    }
    return std::nullopt;
}

/// Keys begin their lines: an explicit `? key` would not, and everything that takes the header
/// apart by lines relies on it.
bool rootKeysBeginLines(QByteArrayView header, const YamlNode &root, QList<YamlProblem> &problems)
{
    for (const YamlNode &key : root.keys) {
        const qsizetype lineStart = header.first(key.start).lastIndexOf('\n') + 1;
        if (!header.sliced(lineStart, key.start - lineStart).trimmed().isEmpty()) {
            problems += {Rule::KeyNotText, u"a field must be written `key: value`"_s, lineStart,
                         key.start};
            return false;
        }
    }
    return true;
}

} // namespace

const YamlNode *YamlNode::find(QStringView key) const
{
    for (size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].text == key)
            return &items[i];
    }
    return nullptr;
}

QByteArrayView YamlHeader::entry(QByteArrayView header, size_t index) const
{
    const auto lineStart = [header](qsizetype offset) {
        return header.first(offset).lastIndexOf('\n') + 1;
    };
    const qsizetype start = lineStart(root->keys[index].start);
    const qsizetype column = root->keys[index].start - start;
    const qsizetype limit = index + 1 < root->keys.size() ? lineStart(root->keys[index + 1].start)
                                                          : header.size();
    qsizetype end = nextLine(header, start);
    for (qsizetype line = end; line < limit; line = nextLine(header, line)) {
        const auto text = header.sliced(line, nextLine(header, line) - line);
        const qsizetype indentation = leadingWhiteSpace(text);
        const bool comment = indentation <= column && text.sliced(indentation).startsWith('#');
        if (!comment && !text.trimmed().isEmpty())
            end = line + text.size();
    }
    // Blank lines that a block text keeps are part of it.
    end = std::max(end, root->items[index].end);
    return header.sliced(start, std::min(end, limit) - start);
}

YamlHeader parseYamlHeader(QByteArrayView header)
{
    YamlHeader result;
    if (auto problem = checkLines(header)) {
        result.problems += std::move(*problem);
        return result;
    }
    auto root = buildTree(header, result.problems);
    if (!root)
        return result;
    if (root->isEmpty()) {
        result.problems += {Rule::NotAMapping, u"the front matter is empty"_s, 0, 0,
                            u"Add at least name and description."_s};
        return result;
    }
    if (!root->isMapping() || root->flow) {
        result.problems += {Rule::NotAMapping,
                            u"the front matter must be fields, one `key: value` per line"_s,
                            root->start, root->start + 1};
        return result;
    }
    if (rootKeysBeginLines(header, *root, result.problems))
        result.root = std::move(root);
    return result;
}

} // namespace skillbox
