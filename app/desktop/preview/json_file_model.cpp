#include "app/desktop/preview/json_file_model.h"

#include "app/desktop/preview/background_task.h"

#include <QLocale>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Looked through at once: some milliseconds.
constexpr qint64 shortBranch = 1 << 20;
constexpr qint64 shownBytes = 240;
constexpr qint64 copiedBytes = 64 << 20;

} // namespace

struct JsonFileModel::Node {
    Node *parent = nullptr;
    int row = 0;
    JsonSpan key;
    JsonSpan value;
    qint64 number = 0;   ///< in an array, and of a run's first member
    qint64 runCount = 0; ///< > 0: it is a run
    bool loading = false;
    bool loaded = false;
    std::vector<std::unique_ptr<Node>> children;
    std::vector<std::function<void()>> waiting;
};

JsonFileModel::JsonFileModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Node>())
{
}

JsonFileModel::~JsonFileModel()
{
    m_stop.request_stop();
}

void JsonFileModel::setText(const QByteArray &text)
{
    m_stop.request_stop();
    m_stop = std::stop_source();
    beginResetModel();
    m_text = text;
    m_root = std::make_unique<Node>();
    m_root->loaded = true;
    if (!text.isEmpty()) {
        auto document = std::make_unique<Node>();
        document->parent = m_root.get();
        document->value = {0, text.size()};
        m_root->children.push_back(std::move(document));
    }
    endResetModel();
}

JsonFileModel::Node *JsonFileModel::nodeOf(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Node *>(index.internalPointer()) : m_root.get();
}

QModelIndex JsonFileModel::indexOf(const Node *node) const
{
    return node == m_root.get() ? QModelIndex() : createIndex(node->row, 0, node);
}

QModelIndex JsonFileModel::index(int row, int column, const QModelIndex &parent) const
{
    const Node *node = nodeOf(parent);
    if (row < 0 || column < 0 || column >= columns || parent.column() > 0
        || static_cast<size_t>(row) >= node->children.size())
        return {};
    return createIndex(row, column, node->children[static_cast<size_t>(row)].get());
}

QModelIndex JsonFileModel::parent(const QModelIndex &child) const
{
    return child.isValid() ? indexOf(nodeOf(child)->parent) : QModelIndex();
}

int JsonFileModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent)->children.size());
}

int JsonFileModel::columnCount(const QModelIndex &) const
{
    return columns;
}

bool JsonFileModel::hasChildren(const QModelIndex &parent) const
{
    if (parent.column() > 0)
        return false;
    const Node *node = nodeOf(parent);
    if (node->loaded)
        return !node->children.empty();
    return node->runCount > 0
        || (isContainer(jsonKindAt(m_text, node->value.begin)) && node->value.length() > 2);
}

bool JsonFileModel::canFetchMore(const QModelIndex &parent) const
{
    const Node *node = nodeOf(parent);
    return parent.column() <= 0 && !node->loaded && !node->loading && hasChildren(parent);
}

void JsonFileModel::fetchMore(const QModelIndex &parent)
{
    if (canFetchMore(parent))
        load(nodeOf(parent), {});
}

void JsonFileModel::load(Node *node, std::function<void()> done)
{
    if (node->loaded) {
        if (done)
            done();
        return;
    }
    if (done)
        node->waiting.push_back(std::move(done));
    if (std::exchange(node->loading, true))
        return;
    if (node->runCount > 0) {
        const JsonKind kind = node->key.length() > 0 ? JsonKind::Object : JsonKind::Array;
        const auto look = [text = m_text, kind, begin = node->value.begin, count = node->runCount] {
            return jsonRun(text, kind, begin, count);
        };
        if (node->value.length() <= shortBranch)
            addRun(node, look());
        else
            runInBackground(
                this, m_stop.get_token(), [look](const std::stop_token &) { return look(); },
                [this, node](const QList<JsonMember> &members) { addRun(node, members); });
        return;
    }
    const auto look = [text = m_text, span = node->value] {
        return jsonMembers(text, span, runLength);
    };
    if (node->value.length() <= shortBranch)
        addChildren(node, look());
    else
        runInBackground(
            this, m_stop.get_token(), [look](const std::stop_token &) { return look(); },
            [this, node](const JsonMembers &found) { addChildren(node, found); });
}

void JsonFileModel::addChildren(Node *node, const JsonMembers &found)
{
    if (found.count <= runLength) {
        addRun(node, found.members);
        return;
    }
    const bool isObject = jsonKindAt(m_text, node->value.begin) == JsonKind::Object;
    std::vector<std::unique_ptr<Node>> runs;
    for (qsizetype i = 0; i < found.runs.size(); ++i) {
        auto run = std::make_unique<Node>();
        run->number = i * runLength;
        run->runCount = qMin(runLength, found.count - run->number);
        run->value = {found.runs.at(i),
                      i + 1 < found.runs.size() ? found.runs.at(i + 1) : node->value.end - 1};
        if (isObject) // only that it has one tells what it is a run of
            run->key = {run->value.begin, run->value.begin + 1};
        runs.push_back(std::move(run));
    }
    insertChildren(node, std::move(runs));
}

void JsonFileModel::addRun(Node *node, const QList<JsonMember> &members)
{
    std::vector<std::unique_ptr<Node>> children;
    for (const JsonMember &member : members) {
        auto child = std::make_unique<Node>();
        child->key = member.key;
        child->value = member.value;
        child->number = node->number * (node->runCount > 0 ? 1 : 0)
            + static_cast<qint64>(children.size());
        children.push_back(std::move(child));
    }
    insertChildren(node, std::move(children));
}

void JsonFileModel::insertChildren(Node *node, std::vector<std::unique_ptr<Node>> children)
{
    for (size_t i = 0; i < children.size(); ++i) {
        children[i]->parent = node;
        children[i]->row = static_cast<int>(i);
    }
    if (!children.empty())
        beginInsertRows(indexOf(node), 0, static_cast<int>(children.size()) - 1);
    node->children = std::move(children);
    node->loaded = true;
    node->loading = false;
    if (!node->children.empty())
        endInsertRows();
    const auto waiting = std::exchange(node->waiting, {});
    for (const auto &done : waiting)
        done();
}

void JsonFileModel::locate(qint64 place, std::function<void(const QModelIndex &)> done)
{
    descend(m_root.get(), place, done);
}

void JsonFileModel::descend(Node *node, qint64 place,
                            const std::function<void(const QModelIndex &)> &done)
{
    for (const auto &child : node->children) {
        const qint64 begin = child->key.length() > 0 ? child->key.begin : child->value.begin;
        if (place < begin || place >= child->value.end)
            continue;
        const bool inName = child->runCount == 0 && place < child->value.begin;
        const QModelIndex index = indexOf(child.get());
        if (inName || !hasChildren(index)) {
            done(index);
            return;
        }
        Node *next = child.get();
        load(next, [this, next, place, done] { descend(next, place, done); });
        return;
    }
    done(indexOf(node)); // a brace or a comma
}

QString JsonFileModel::name(const Node *node) const
{
    if (node->parent == m_root.get())
        return u"$"_s;
    if (node->runCount > 0) {
        const QLocale locale;
        return u"%1 … %2"_s.arg(locale.toString(node->number),
                                locale.toString(node->number + node->runCount - 1));
    }
    return node->key.length() > 0 ? jsonString(m_text, node->key, shownBytes)
                                  : QString::number(node->number);
}

QString JsonFileModel::shownValue(const Node *node) const
{
    if (node->runCount > 0)
        return {};
    const JsonKind kind = jsonKindAt(m_text, node->value.begin);
    if (kind == JsonKind::String)
        return jsonString(m_text, node->value, shownBytes).replace(u'\n', u'\u23ce');
    QString text = QString::fromUtf8(
        m_text.mid(node->value.begin, qMin(node->value.length(), shownBytes)));
    if (node->value.length() > shownBytes)
        text += u'…';
    if (isContainer(kind) && node->loaded) {
        const bool runs = !node->children.empty() && node->children.front()->runCount > 0;
        const qint64 count = runs ? node->children.back()->number + node->children.back()->runCount
                                  : static_cast<qint64>(node->children.size());
        return kind == JsonKind::Array
            ? (count == 1 ? tr("[ 1 item ]") : tr("[ %L1 items ]").arg(count))
            : (count == 1 ? tr("{ 1 member }") : tr("{ %L1 members }").arg(count));
    }
    return text;
}

QVariant JsonFileModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || role != Qt::DisplayRole)
        return {};
    const Node *node = nodeOf(index);
    return index.column() == NameColumn ? name(node) : shownValue(node);
}

QVariant JsonFileModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    return section == NameColumn ? tr("Name") : tr("Value");
}

QString JsonFileModel::pointer(const QModelIndex &index) const
{
    QString path;
    for (const Node *node = nodeOf(index); node != m_root.get() && node->parent != m_root.get();
         node = node->parent) {
        if (node->runCount > 0)
            continue;
        QString part = node->key.length() > 0 ? jsonString(m_text, node->key, copiedBytes)
                                              : QString::number(node->number);
        part.replace(u'~', "~0"_L1).replace(u'/', "~1"_L1);
        path.prepend(u'/' + part);
    }
    return path;
}

QString JsonFileModel::value(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    const JsonSpan value = nodeOf(index)->value;
    if (nodeOf(index)->runCount == 0 && jsonKindAt(m_text, value.begin) == JsonKind::String)
        return jsonString(m_text, value, copiedBytes);
    return QString::fromUtf8(m_text.mid(value.begin, qMin(value.length(), copiedBytes)));
}

} // namespace skillbox
