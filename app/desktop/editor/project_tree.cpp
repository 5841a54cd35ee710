#include "app/desktop/editor/project_tree.h"

#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <QDir>
#include <QFileInfo>
#include <QHeaderView>
#include <QKeyEvent>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr int projectRole = Qt::UserRole + 1;
constexpr int pathRole = Qt::UserRole + 2;
constexpr int folderRole = Qt::UserRole + 3;
constexpr int iconRole = Qt::UserRole + 4;
/// Programs write a file in several steps.
constexpr auto settleTime = 120ms;
/// The system allows some thousand in all.
constexpr int mostWatched = 400;

QString iconOf(const QString &name)
{
    const QString suffix = QFileInfo(name).suffix().toLower();
    if (name == "SKILL.md"_L1)
        return u"skill"_s;
    if (suffix == "py"_L1 || suffix == "js"_L1 || suffix == "mjs"_L1 || suffix == "sh"_L1)
        return u"editor"_s;
    return u"artifacts"_s;
}

} // namespace

ProjectTree::ProjectTree(DraftFiles &files, QWidget *parent) : QTreeView(parent), m_files(files)
{
    setObjectName(u"editor.tree"_s);
    setAccessibleName(tr("Skills and their files"));
    setModel(&m_model);
    setHeaderHidden(true);
    setUniformRowHeights(true);
    setEditTriggers(NoEditTriggers);
    setIndentation(14);
    setContextMenuPolicy(Qt::CustomContextMenu);
    m_refreshDelay.setSingleShot(true);
    m_refreshDelay.setInterval(settleTime);
    const auto open = [this](const QModelIndex &index) {
        if (!index.data(folderRole).toBool())
            Q_EMIT fileActivated(index.data(projectRole).toString(),
                                 index.data(pathRole).toString());
    };
    connect(this, &QTreeView::clicked, this, open);
    connect(this, &QTreeView::activated, this, open);
    connect(this, &QWidget::customContextMenuRequested, this,
            [this](const QPoint &place) { Q_EMIT menuWanted(viewport()->mapToGlobal(place)); });
    const auto noteStale = [this](const QString &path) {
        for (const QString &project : projects()) {
            if (path == project || path.startsWith(project + u'/')) {
                m_stale.insert(project);
                m_refreshDelay.start();
            }
        }
    };
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, noteStale);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, noteStale);
    connect(&m_refreshDelay, &QTimer::timeout, this, [this] {
        const QSet<QString> stale = std::exchange(m_stale, {});
        for (const QString &project : stale) {
            refresh(project);
            Q_EMIT touched(project);
        }
    });
}

QStringList ProjectTree::projects() const
{
    QStringList list;
    for (int row = 0; row < m_model.rowCount(); ++row)
        list.append(m_model.item(row)->data(projectRole).toString());
    return list;
}

QStandardItem *ProjectTree::itemOf(const QString &project) const
{
    for (int row = 0; row < m_model.rowCount(); ++row) {
        if (m_model.item(row)->data(projectRole).toString() == project)
            return m_model.item(row);
    }
    return nullptr;
}

void ProjectTree::addProject(const QString &directory)
{
    if (itemOf(directory))
        return;
    auto *item = new QStandardItem(QFileInfo(directory).fileName());
    item->setData(directory, projectRole);
    item->setData(QString(), pathRole);
    item->setData(true, folderRole);
    item->setData(u"folder"_s, iconRole);
    item->setToolTip(plainToolTip(QDir::toNativeSeparators(directory)));
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    item->setFont(bold);
    decorate(item);
    m_model.appendRow(item);
    setExpanded(item->index(), true);
    refresh(directory);
}

void ProjectTree::removeProject(const QString &directory)
{
    if (QStandardItem *item = itemOf(directory))
        m_model.removeRow(item->row());
    m_listings.remove(directory);
    m_folders.remove(directory);
    m_missing.remove(directory);
    watch();
}

void ProjectTree::refresh(const QString &project)
{
    m_files.list(this, project, [this, project](const Result<DraftListing> &listing) {
        if (!itemOf(project))
            return;
        if (!listing) {
            m_missing.insert(project);
            itemOf(project)->setForeground(m_theme.color(ColorRole::Error));
            itemOf(project)->setToolTip(plainToolTip(listing.error().message));
            Q_EMIT listed(project);
            return;
        }
        m_missing.remove(project);
        itemOf(project)->setForeground(m_theme.color(ColorRole::Text));
        itemOf(project)->setToolTip(plainToolTip(QDir::toNativeSeparators(project)));
        fill(project, *listing);
        Q_EMIT listed(project);
    });
}

void ProjectTree::fill(const QString &project, const DraftListing &listing)
{
    QStandardItem *root = itemOf(project);
    // Kept rows keep their place, their expansion and the selection.
    QHash<QString, QStandardItem *> known;
    const std::function<void(QStandardItem *)> collect = [&](QStandardItem *item) {
        for (int row = 0; row < item->rowCount(); ++row) {
            known.insert(item->child(row)->data(pathRole).toString(), item->child(row));
            collect(item->child(row));
        }
    };
    collect(root);
    QSet<QString> wanted;
    for (const DraftEntry &entry : listing.entries)
        wanted.insert(entry.path);
    QStringList gone;
    for (auto it = known.cbegin(); it != known.cend(); ++it) {
        if (!wanted.contains(it.key()))
            gone.append(it.key());
    }
    // The deepest first: a row takes those below it along.
    std::sort(gone.begin(), gone.end(),
              [](const QString &a, const QString &b) { return a.size() > b.size(); });
    for (const QString &path : gone) {
        QStandardItem *item = known.take(path);
        (item->parent() ? item->parent() : m_model.invisibleRootItem())->removeRow(item->row());
    }
    QStringList files;
    QStringList folders{project};
    QHash<QStandardItem *, int> nextRow;
    for (const DraftEntry &entry : listing.entries) {
        if (entry.isFolder)
            folders.append(project + u'/' + entry.path);
        else
            files.append(entry.path);
        const auto slash = entry.path.lastIndexOf(u'/');
        QStandardItem *parent = slash < 0 ? root : known.value(entry.path.left(slash));
        if (!parent)
            continue;
        const int row = nextRow[parent]++;
        if (known.contains(entry.path))
            continue;
        auto *item = new QStandardItem(entry.path.sliced(slash + 1));
        item->setData(project, projectRole);
        item->setData(entry.path, pathRole);
        item->setData(entry.isFolder, folderRole);
        item->setData(entry.isFolder ? u"folder"_s : iconOf(item->text()), iconRole);
        item->setToolTip(plainToolTip(entry.path));
        decorate(item);
        parent->insertRow(std::min(row, parent->rowCount()), item);
        known.insert(entry.path, item);
    }
    files.sort();
    m_listings.insert(project, files);
    m_folders.insert(project, folders);
    watch();
    if (m_wanted.first == project)
        selectFile(project, m_wanted.second);
}

void ProjectTree::watch()
{
    QStringList wanted;
    for (const QString &project : projects()) {
        wanted += m_folders.value(project, {project});
        for (const QString &file : m_listings.value(project))
            wanted.append(project + u'/' + file);
    }
    if (wanted.size() > mostWatched)
        wanted.resize(mostWatched);
    const QStringList now = m_watcher.directories() + m_watcher.files();
    const QSet<QString> keep(wanted.cbegin(), wanted.cend());
    const QSet<QString> had(now.cbegin(), now.cend());
    QStringList drop;
    for (const QString &path : now) {
        if (!keep.contains(path))
            drop.append(path);
    }
    QStringList add;
    for (const QString &path : wanted) {
        if (!had.contains(path))
            add.append(path);
    }
    if (!drop.isEmpty())
        m_watcher.removePaths(drop);
    if (!add.isEmpty())
        m_watcher.addPaths(add);
}

void ProjectTree::selectFile(const QString &project, const QString &file)
{
    m_wanted = {project, file};
    QStandardItem *root = itemOf(project);
    if (!root)
        return;
    const auto found = m_model.match(root->index(), pathRole, file, 1,
                                     Qt::MatchExactly | Qt::MatchRecursive);
    if (file.isEmpty() || found.isEmpty() || found.first().data(projectRole) != project)
        return;
    m_wanted = {};
    setCurrentIndex(found.first());
    scrollTo(found.first());
}

ProjectTree::Place ProjectTree::current() const
{
    const QModelIndex index = currentIndex();
    if (!index.isValid())
        return {};
    return {index.data(projectRole).toString(), index.data(pathRole).toString(),
            index.data(folderRole).toBool()};
}

void ProjectTree::decorate(QStandardItem *item)
{
    if (!m_theme.id().isEmpty())
        item->setIcon(themedIcon(item->data(iconRole).toString(), m_theme, ColorRole::Muted,
                                 ColorRole::Muted));
}

void ProjectTree::applyTheme(const Theme &theme)
{
    m_theme = theme;
    const std::function<void(QStandardItem *)> walk = [&](QStandardItem *item) {
        for (int row = 0; row < item->rowCount(); ++row) {
            decorate(item->child(row));
            walk(item->child(row));
        }
    };
    walk(m_model.invisibleRootItem());
}

} // namespace skillbox
