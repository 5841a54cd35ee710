#include "app/desktop/artifacts/artifact_tree_model.h"

#include "app/desktop/preview/file_kind.h"
#include "app/desktop/widgets/controls.h"

#include <QLocale>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

QString friendlyMoment(const QDateTime &moment)
{
    const QDateTime local = moment.toLocalTime();
    const QDate today = QDate::currentDate();
    const QString time = QLocale().toString(local.time(), QLocale::ShortFormat);
    if (local.date() == today)
        return ArtifactTreeModel::tr("today %1").arg(time);
    if (local.date() == today.addDays(-1))
        return ArtifactTreeModel::tr("yesterday %1").arg(time);
    return u"%1 %2"_s.arg(QLocale().toString(local.date(), QLocale::ShortFormat), time);
}

struct ArtifactTreeModel::Node {
    Node *parent = nullptr;
    int row = 0;
    Kind kind = Kind::Run;
    int run = 0;       ///< in m_runs; of a run only, the others ask upwards
    int artifact = -1; ///< in the run's artifacts
    QString name;
    std::vector<std::unique_ptr<Node>> children;

    Node *add(std::unique_ptr<Node> child)
    {
        child->parent = this;
        child->row = static_cast<int>(children.size());
        children.push_back(std::move(child));
        return children.back().get();
    }
    void renumber(int from)
    {
        for (size_t i = static_cast<size_t>(from); i < children.size(); ++i) {
            children[i]->row = static_cast<int>(i);
            children[i]->run = static_cast<int>(i);
        }
    }
};

ArtifactTreeModel::ArtifactTreeModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Node>())
{
}

ArtifactTreeModel::~ArtifactTreeModel() = default;

std::unique_ptr<ArtifactTreeModel::Node> ArtifactTreeModel::makeRun(int run) const
{
    const ExecutionRecord &record = m_runs.at(run);
    auto top = std::make_unique<Node>();
    top->run = run;
    top->name = record.skillName;
    for (int i = 0; i < record.artifacts.size(); ++i) {
        // The paths are sorted: a folder that is new comes after those that are done.
        Node *folder = top.get();
        const QStringList parts = record.artifacts.at(i).path.split(u'/');
        for (qsizetype part = 0; part + 1 < parts.size(); ++part) {
            const auto known = std::find_if(folder->children.begin(), folder->children.end(),
                                            [&](const auto &child) {
                                                return child->kind == Kind::Folder
                                                    && child->name == parts.at(part);
                                            });
            if (known != folder->children.end()) {
                folder = known->get();
                continue;
            }
            auto fresh = std::make_unique<Node>();
            fresh->kind = Kind::Folder;
            fresh->name = parts.at(part);
            folder = folder->add(std::move(fresh));
        }
        auto file = std::make_unique<Node>();
        file->kind = Kind::File;
        file->artifact = i;
        file->name = parts.last();
        folder->add(std::move(file));
    }
    return top;
}

void ArtifactTreeModel::setRuns(const QList<ExecutionRecord> &runs)
{
    beginResetModel();
    m_runs = runs;
    m_root = std::make_unique<Node>();
    for (int i = 0; i < m_runs.size(); ++i)
        m_root->add(makeRun(i));
    endResetModel();
}

void ArtifactTreeModel::appendRuns(const QList<ExecutionRecord> &runs)
{
    QList<ExecutionRecord> fresh;
    for (const ExecutionRecord &run : runs) {
        if (!find({run.id, {}}).isValid())
            fresh.append(run);
    }
    if (fresh.isEmpty())
        return;
    const int first = static_cast<int>(m_runs.size());
    beginInsertRows({}, first, first + static_cast<int>(fresh.size()) - 1);
    m_runs += fresh;
    for (int i = first; i < m_runs.size(); ++i)
        m_root->add(makeRun(i));
    endInsertRows();
}

void ArtifactTreeModel::insertRun(const ExecutionRecord &run)
{
    if (find({run.id, {}}).isValid())
        return;
    const auto after = std::find_if(m_runs.begin(), m_runs.end(),
                                    [&](const ExecutionRecord &other) {
                                        return other.createdAt <= run.createdAt;
                                    });
    const int row = static_cast<int>(after - m_runs.begin());
    beginInsertRows({}, row, row);
    m_runs.insert(row, run);
    auto node = makeRun(row);
    node->parent = m_root.get();
    m_root->children.insert(m_root->children.begin() + row, std::move(node));
    m_root->renumber(row);
    endInsertRows();
}

ArtifactTreeModel::Node *ArtifactTreeModel::nodeOf(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Node *>(index.internalPointer()) : m_root.get();
}

QModelIndex ArtifactTreeModel::indexOf(const Node *node) const
{
    return node == m_root.get() ? QModelIndex() : createIndex(node->row, 0, node);
}

const ExecutionRecord &ArtifactTreeModel::runOf(const Node *node) const
{
    while (node->kind != Kind::Run)
        node = node->parent;
    return m_runs.at(node->run);
}

const ExecutionRecord *ArtifactTreeModel::run(const QModelIndex &index) const
{
    return index.isValid() ? &runOf(nodeOf(index)) : nullptr;
}

const ArtifactRecord *ArtifactTreeModel::artifact(const QModelIndex &index) const
{
    const Node *node = nodeOf(index);
    return index.isValid() && node->kind == Kind::File ? &runOf(node).artifacts.at(node->artifact)
                                                       : nullptr;
}

QList<ArtifactRecord> ArtifactTreeModel::artifactsBelow(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    if (const ArtifactRecord *file = artifact(index))
        return {*file};
    QList<ArtifactRecord> files;
    const Node *node = nodeOf(index);
    for (const auto &child : node->children)
        files += artifactsBelow(indexOf(child.get()));
    return files;
}

ArtifactTreeModel::Place ArtifactTreeModel::place(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    QString path;
    for (const Node *node = nodeOf(index); node->kind != Kind::Run; node = node->parent)
        path = path.isEmpty() ? node->name : node->name + u'/' + path;
    return {runOf(nodeOf(index)).id, path};
}

QModelIndex ArtifactTreeModel::find(const Place &place) const
{
    for (const auto &top : m_root->children) {
        if (m_runs.at(top->run).id.value != place.run.value)
            continue;
        if (place.path.isEmpty())
            return indexOf(top.get());
        const Node *node = top.get();
        for (const QString &part : place.path.split(u'/')) {
            const auto child = std::find_if(node->children.begin(), node->children.end(),
                                            [&](const auto &c) { return c->name == part; });
            if (child == node->children.end())
                return {};
            node = child->get();
        }
        return indexOf(node);
    }
    return {};
}

QModelIndex ArtifactTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    const Node *node = nodeOf(parent);
    if (row < 0 || column != 0 || static_cast<size_t>(row) >= node->children.size())
        return {};
    return createIndex(row, 0, node->children[static_cast<size_t>(row)].get());
}

QModelIndex ArtifactTreeModel::parent(const QModelIndex &child) const
{
    return child.isValid() ? indexOf(nodeOf(child)->parent) : QModelIndex();
}

int ArtifactTreeModel::rowCount(const QModelIndex &parent) const
{
    return static_cast<int>(nodeOf(parent)->children.size());
}

int ArtifactTreeModel::columnCount(const QModelIndex &) const
{
    return 1;
}

QString ArtifactTreeModel::runNote(const ExecutionRecord &run) const
{
    qint64 bytes = 0;
    for (const ArtifactRecord &file : run.artifacts)
        bytes += file.sizeBytes;
    const QString count = run.artifacts.isEmpty() ? tr("no files")
        : run.artifacts.size() == 1               ? tr("1 file")
                                                  : tr("%L1 files").arg(run.artifacts.size());
    QString note = friendlyMoment(run.createdAt) + u" · "_s + count;
    if (!run.artifacts.isEmpty())
        note += u", "_s + QLocale().formattedDataSize(bytes, 1);
    return note;
}

QVariant ArtifactTreeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Node *node = nodeOf(index);
    const ExecutionRecord &record = runOf(node);
    const ArtifactRecord *file = artifact(index);
    switch (role) {
    case KindRole: return static_cast<int>(node->kind);
    case Qt::DisplayRole:
        return node->kind == Kind::Run && !record.skillVersion.isEmpty()
            ? u"%1 %2"_s.arg(node->name, record.skillVersion)
            : node->name;
    case Qt::ToolTipRole:
        return node->kind == Kind::Run ? record.id.value : plainToolTip(place(index).path);
    case Qt::AccessibleTextRole:
        return u"%1, %2"_s.arg(data(index, Qt::DisplayRole).toString(),
                               data(index, NoteRole).toString());
    case NoteRole:
        if (node->kind == Kind::Run)
            return runNote(record);
        return file ? QLocale().formattedDataSize(file->sizeBytes, 1) : QString();
    case SearchRole:
        return node->kind == Kind::Run
            ? QString(node->name + u' ' + record.id.value)
            : QString(node->name + u' ' + (file ? file->contentType : QString()));
    case IconRole:
        if (node->kind == Kind::Run)
            return record.status == ExecutionStatus::Success ? u"check"_s : u"warning"_s;
        if (!file)
            return u"folder"_s;
        switch (fileKindOf(file->path, file->contentType, {})) {
        case FileKind::Svg:
        case FileKind::Image: return u"file-image"_s;
        case FileKind::Table: return u"file-table"_s;
        case FileKind::Json: return u"file-json"_s;
        case FileKind::Pdf:
        case FileKind::Markdown:
        case FileKind::Html: return u"file-text"_s;
        default:
            return file->contentType.startsWith("image/"_L1) ? u"file-image"_s
                : file->contentType.startsWith("text/"_L1) || file->contentType.endsWith("pdf"_L1)
                ? u"file-text"_s
                : u"file"_s;
        }
    default: return {};
    }
}

Qt::ItemFlags ArtifactTreeModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractItemModel::flags(index);
    if (artifact(index))
        flags |= Qt::ItemIsDragEnabled;
    return flags;
}

} // namespace skillbox
