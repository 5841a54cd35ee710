#pragma once

#include "app/desktop/session/draft_autosave.h"
#include "app/desktop/session/draft_files.h"
#include "app/desktop/session/draft_tests.h"
#include "app/desktop/shell/page.h"

#include <QLabel>
#include <QProgressBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTimer>
#include <QToolButton>

namespace skillbox {

class Banner;
class DocumentView;
class FrontMatterForm;
class MarkdownView;
class OpenFiles;
class ProblemsPanel;
class ProjectTree;
class SearchPanel;
class SkillCheck;
class StateView;
class TestsPanel;

/// Skill folders as projects: tree, texts, live checking, fields and preview of SKILL.md, tests;
/// runs and publishes what is being written.
class EditorPage : public Page
{
    Q_OBJECT

public:
    /// `stateDirectory` keeps unsaved text over a crash.
    EditorPage(const Desk &desk, const QString &stateDirectory);
    ~EditorPage() override;

    void activate() override;
    void applyTheme(const Theme &theme) override;
    QList<PaletteEntry> paletteEntries() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool mayClose() override;

    void openProject(const QString &directory, const QString &file = {}, int line = 0,
                     int column = 0);
    void newSkill();
    OpenFiles &files() { return *m_files; }
    SkillCheck &check() { return *m_check; }

    /// What the Agent Skills specification recommends for the instructions.
    static constexpr int usualTokens = 5000;

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    QWidget *buildTreeColumn();
    QWidget *buildCentre();
    QWidget *buildSide();
    void buildBottom();
    void connectParts();
    void addCommands();
    void addFileCommands();
    void addSkillCommands();
    QToolButton *toolButton(const QString &icon, const QString &title, const QString &command);

    void chooseFolder();
    void closeProject(const QString &project);
    void openTreeMenu(const QPoint &place);
    void newFile(bool folder);
    void renameCurrent();
    void deleteCurrent();
    void rename(const QString &project, const QString &from, const QString &to);
    void editPublished(const QString &name, const QString &version);
    void copyPublished(const QString &source, const QString &target);
    void saveElsewhere(const QString &project);
    void writeTestCase();

    void currentChanged();
    void showProject();
    void showCursor();
    void showReport();
    void showSide();
    void refreshSide();
    void setSide(int index);
    void showBottom(QWidget *panel);
    void keepDrafts();
    void restoreDrafts(const QList<RecoveredDraft> &drafts);
    void openSaved();
    QString project() const;
    void attach(DocumentView &view);

    void run();
    void runTests(const QStringList &cases);
    void publish();
    void goToLine();
    void offerReplacement(const QString &project, const DraftReplacement &plan);

    Desk m_desk;
    DraftFiles m_io;
    DraftAutosave m_autosave;
    DraftTests m_tests;
    ProjectTree *m_tree;
    OpenFiles *m_files;
    ProblemsPanel *m_problems;
    TestsPanel *m_testsPanel;
    SearchPanel *m_search;
    SkillCheck *m_check;
    FrontMatterForm *m_form;
    MarkdownView *m_preview;
    Banner *m_banner;
    StateView *m_state;
    StateView *m_treeState;
    QTabWidget *m_bottom;
    QSplitter *m_columns;
    QSplitter *m_rows;
    QSplitter *m_texts;
    QWidget *m_side;
    QStackedWidget *m_sideStack;
    QToolButton *m_formButton;
    QToolButton *m_previewButton;
    QList<QPair<QToolButton *, QString>> m_toolButtons; ///< with their icons
    QLabel *m_place;
    QLabel *m_format;
    QLabel *m_tokens;
    QProgressBar *m_tokenBar;
    QTimer m_sideDelay;
    QTimer m_draftDelay;
    QHash<QString, int> m_keptRevisions; ///< of documents, as kept last
    Theme m_theme;
    QJsonObject m_saved; ///< to open when the page is first shown
    bool m_isOpened = false;
    struct Deleted {
        QString trash;
        QString original;
    };
    QList<Deleted> m_deleted; ///< newest last
};

} // namespace skillbox
