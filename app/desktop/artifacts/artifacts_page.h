#pragma once

#include "app/desktop/artifacts/artifact_delegate.h"
#include "app/desktop/artifacts/artifact_tree_model.h"
#include "app/desktop/session/artifact_files.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/shell/page.h"

#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>

namespace skillbox {

class ArtifactDetails;
class ArtifactTree;
class FileCompareView;
class PreviewView;
class StateView;

/// The files that runs left: which there are, what is in them, and ways to take them along. Two
/// chosen files are compared.
class ArtifactsPage : public Page
{
    Q_OBJECT

public:
    explicit ArtifactsPage(const Desk &desk);
    void activate() override;
    void applyTheme(const Theme &theme) override;
    QList<PaletteEntry> paletteEntries() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    /// Shows this file of a run; an empty path: the run and its first file.
    void show(const ArtifactTreeModel::Place &place);

private:
    using Files = QList<ArtifactRecord>;

    QWidget *buildLeft();
    QWidget *buildFile();
    QToolButton *addAction(const QString &id, const QString &icon, const QString &title,
                           const QKeySequence &keys, void (ArtifactsPage::*handler)());
    void addCommands();

    void reload();
    void loadOlder();
    void showRuns(const Result<RunFilesPage> &page);
    void select(const ArtifactTreeModel::Place &place);
    QModelIndex current() const;
    /// The chosen files, in the tree's order.
    QList<QModelIndex> chosenFiles() const;
    void showChosen();
    void showFile(const QModelIndex &file);
    void showRun(const QModelIndex &run);
    void compare(const QModelIndex &left, const QModelIndex &right);
    void showMenu(const QPoint &place);

    void openWith();
    void save();
    void saveAll();
    void saveArchive();
    void copyContent();
    void copyPath();
    void revealRun();
    void revealSkill();
    void drag(const QModelIndex &index);
    /// Shows progress with a way to give up; `then` gets the path once it is written.
    void track(FileJob *job, const QString &what, std::function<void(const QString &)> then);
    void openPath(const QString &path);
    void say(NoticeKind kind, const QString &title, const QString &text = {});
    void updateActions();

    Desk m_desk;
    ArtifactTreeModel m_model;
    QSortFilterProxyModel m_shown;
    ArtifactDelegate *m_delegate;
    QLineEdit *m_filter;
    ArtifactTree *m_tree;
    QPushButton *m_older;
    StateView *m_listState;
    QSplitter *m_splitter;
    QStackedWidget *m_right;
    StateView *m_fileState;
    QLabel *m_name;
    ArtifactDetails *m_details;
    PreviewView *m_preview;
    FileCompareView *m_compare;
    QWidget *m_work;
    QLabel *m_workText;
    QProgressBar *m_workBar;
    QPushButton *m_workStop;
    struct Tool {
        QToolButton *button = nullptr;
        QString icon;
    };
    QList<Tool> m_tools;
    QList<QPair<QString, QToolButton *>> m_actions; ///< command id, its button

    QTimer m_reloadDelay;
    std::optional<ExecutionCursor> m_next;
    ArtifactTreeModel::Place m_wanted; ///< to select when it is there
    ArtifactTreeModel::Place m_before; ///< chosen when the window was closed last
    ArtifactTreeModel::Place m_seen;   ///< in the preview
    int m_question = 0;
    int m_fileQuestion = 0;
    bool m_loaded = false;
    Theme m_theme;
};

} // namespace skillbox
