#pragma once

#include "app/desktop/session/draft_files.h"
#include "app/desktop/theme/theme.h"

#include <QFileSystemWatcher>
#include <QStandardItemModel>
#include <QTimer>
#include <QTreeView>

namespace skillbox {

/// The open skill folders with their files. Reads them on a worker, and again when they change.
/// New, rename and delete (to the trash) are asked for by signals of the page's own. GUI thread.
class ProjectTree : public QTreeView
{
    Q_OBJECT

public:
    explicit ProjectTree(DraftFiles &files, QWidget *parent = nullptr);

    void addProject(const QString &directory);
    void removeProject(const QString &directory);
    QStringList projects() const;
    /// Every file of the project that is known, sorted.
    QStringList filesOf(const QString &project) const { return m_listings.value(project); }
    bool isMissing(const QString &project) const { return m_missing.contains(project); }
    void refresh(const QString &project);
    void selectFile(const QString &project, const QString &file);
    struct Place {
        QString project;
        QString path; ///< empty: the project itself
        bool isFolder = true;
    };
    /// Of the current row; an empty project: none.
    Place current() const;
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void fileActivated(const QString &project, const QString &file);
    void menuWanted(const QPoint &globalPlace);
    /// The files of a project are known, or it went: see isMissing().
    void listed(const QString &project);
    /// Something in the folder was written.
    void touched(const QString &project);

private:
    QStandardItem *itemOf(const QString &project) const;
    void fill(const QString &project, const DraftListing &listing);
    void watch();
    void decorate(QStandardItem *item);

    DraftFiles &m_files;
    QStandardItemModel m_model;
    QHash<QString, QStringList> m_listings;
    QHash<QString, QStringList> m_folders;
    QSet<QString> m_missing;
    QFileSystemWatcher m_watcher;
    QSet<QString> m_stale;
    QTimer m_refreshDelay;
    Theme m_theme;
    QPair<QString, QString> m_wanted;
};

} // namespace skillbox
