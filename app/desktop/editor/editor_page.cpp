#include "app/desktop/editor/editor_page.h"

#include "app/desktop/editor/banner.h"
#include "app/desktop/editor/front_matter_form.h"
#include "app/desktop/editor/open_files.h"
#include "app/desktop/editor/problems_panel.h"
#include "app/desktop/editor/project_tree.h"
#include "app/desktop/editor/search_panel.h"
#include "app/desktop/editor/skill_check.h"
#include "app/desktop/editor/tests_panel.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/text/markdown_view.h"
#include "app/desktop/text/syntax.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/state_view.h"

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QMimeData>
#include <QScrollBar>
#include <QTabBar>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// The preview and the fields follow the text after it.
constexpr auto sidePause = 150ms;
/// What a crash loses at most.
constexpr auto draftPause = 1s;

} // namespace

EditorPage::EditorPage(const Desk &desk, const QString &stateDirectory)
    : m_desk(desk)
    , m_autosave(stateDirectory + u"/drafts"_s)
    , m_tests(desk.session.engine())
    , m_tree(new ProjectTree(m_io))
    , m_files(new OpenFiles(m_io))
    , m_problems(new ProblemsPanel)
    , m_testsPanel(new TestsPanel(m_tests))
    , m_search(new SearchPanel(m_io))
    , m_check(new SkillCheck(*m_files, *m_problems, desk.session.engine(), this, this))
    , m_form(new FrontMatterForm)
    , m_preview(new MarkdownView)
    , m_banner(new Banner)
    , m_bottom(new QTabWidget)
    , m_columns(new QSplitter)
    , m_rows(new QSplitter(Qt::Vertical))
    , m_texts(new QSplitter)
    , m_side(nullptr)
    , m_sideStack(new QStackedWidget)
    , m_place(new QLabel)
    , m_format(new QLabel)
    , m_tokens(new QLabel)
    , m_tokenBar(new QProgressBar)
{
    setObjectName(u"editor.page"_s);
    setAcceptDrops(true);
    addCommands();
    buildBottom();
    m_columns->addWidget(buildTreeColumn());
    m_columns->addWidget(buildCentre());
    m_columns->setStretchFactor(1, 1);
    m_columns->setSizes({230, 1000});
    m_columns->setChildrenCollapsible(false);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_banner);
    column->addWidget(m_columns, 1);

    m_sideDelay.setSingleShot(true);
    m_sideDelay.setInterval(sidePause);
    m_draftDelay.setSingleShot(true);
    m_draftDelay.setInterval(draftPause);
    connectParts();
    setSide(-1);
    currentChanged();
    m_autosave.recover(this,
                       [this](const QList<RecoveredDraft> &drafts) { restoreDrafts(drafts); });
}

EditorPage::~EditorPage()
{
    // Its parts report to the page while they go. Only that is cut: Qt itself listens to the end
    // of every widget that its style sheets know.
    for (DocumentView *view : m_files->documents()) {
        view->disconnect(m_files);
        view->editor().disconnect(this);
        view->editor().verticalScrollBar()->disconnect(this);
    }
    m_files->disconnect(this);
    m_tree->disconnect(this);
}

QToolButton *EditorPage::toolButton(const QString &icon, const QString &title,
                                    const QString &command)
{
    auto *button = new QToolButton;
    button->setObjectName(u"editor.button."_s + command);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setText(title);
    button->setAccessibleName(title);
    if (QAction *action = m_desk.commands.find(u"editor."_s + command)) {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        button->setToolTip(keys.isEmpty() ? action->text()
                                          : u"%1 (%2)"_s.arg(action->text(), keys));
        connect(button, &QToolButton::clicked, action, &QAction::trigger);
    }
    m_toolButtons.append({button, icon});
    return button;
}

QWidget *EditorPage::buildTreeColumn()
{
    m_treeState = new StateView(m_tree);
    auto *left = new QWidget;
    left->setMinimumWidth(160);
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(12, 0, 8, 0);
    auto *title = new QLabel(tr("Skills"));
    title->setProperty("textRole", u"heading"_s);
    head->addWidget(title, 1);
    for (const auto &[icon, name, command] :
         {std::tuple{u"plus"_s, tr("New skill"), u"newSkill"_s},
          std::tuple{u"folder"_s, tr("Open a folder"), u"openFolder"_s}}) {
        QToolButton *button = toolButton(icon, name, command);
        button->setToolButtonStyle(Qt::ToolButtonIconOnly);
        head->addWidget(button);
    }
    column->addLayout(head);
    column->addWidget(m_treeState, 1);
    return left;
}

QWidget *EditorPage::buildCentre()
{
    auto *texts = new QWidget;
    auto *column = new QVBoxLayout(texts);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *corner = new QWidget;
    auto *row = new QHBoxLayout(corner);
    row->setContentsMargins(4, 2, 8, 2);
    row->setSpacing(2);
    m_formButton = toolButton(u"form"_s, tr("Fields"), u"form"_s);
    m_previewButton = toolButton(u"eye"_s, tr("Preview"), u"preview"_s);
    for (QToolButton *button : {m_formButton, m_previewButton}) {
        button->setCheckable(true);
        row->addWidget(button);
    }
    row->addSpacing(8);
    row->addWidget(toolButton(u"play"_s, tr("Run"), u"run"_s));
    row->addWidget(toolButton(u"check"_s, tr("Test"), u"test"_s));
    row->addWidget(toolButton(u"upload"_s, tr("Publish"), u"publish"_s));
    m_files->setCornerWidget(corner, Qt::TopRightCorner);
    column->addWidget(m_files, 1);

    auto *line = new QFrame;
    line->setProperty("surface", u"bar"_s);
    auto *status = new QHBoxLayout(line);
    status->setContentsMargins(12, 3, 12, 3);
    status->setSpacing(16);
    for (QLabel *label : {m_place, m_format, m_tokens})
        label->setProperty("textRole", u"muted"_s);
    m_place->setObjectName(u"editor.place"_s);
    m_tokens->setObjectName(u"editor.tokens"_s);
    m_tokenBar->setFixedWidth(96);
    m_tokenBar->setRange(0, usualTokens);
    m_tokenBar->setTextVisible(false);
    m_tokenBar->setAccessibleName(tr("Tokens of the instructions"));
    status->addWidget(m_place);
    status->addWidget(m_format);
    status->addStretch();
    status->addWidget(m_tokens);
    status->addWidget(m_tokenBar);
    column->addWidget(line);

    m_texts->addWidget(texts);
    m_texts->addWidget(buildSide());
    m_texts->setStretchFactor(0, 1);
    m_texts->setSizes({640, 360});
    m_texts->setChildrenCollapsible(false);
    m_rows->addWidget(m_texts);
    m_rows->addWidget(m_bottom);
    m_rows->setStretchFactor(0, 1);
    m_rows->setSizes({520, 190});
    m_rows->setChildrenCollapsible(false);
    m_state = new StateView(m_rows);
    return m_state;
}

QWidget *EditorPage::buildSide()
{
    m_side = m_sideStack;
    m_side->setMinimumWidth(240);
    m_preview->setObjectName(u"editor.preview"_s);
    m_preview->setAccessibleName(tr("Preview of the instructions"));
    m_sideStack->addWidget(m_form);
    m_sideStack->addWidget(m_preview);
    return m_side;
}

void EditorPage::buildBottom()
{
    m_bottom->setObjectName(u"editor.bottom"_s);
    m_bottom->setDocumentMode(true);
    m_bottom->tabBar()->setDrawBase(false);
    m_bottom->addTab(m_problems, tr("Problems"));
    m_bottom->addTab(m_testsPanel, tr("Tests"));
    m_bottom->addTab(m_search, tr("Search"));
}

void EditorPage::connectParts()
{
    connect(m_tree, &ProjectTree::fileActivated, this,
            [this](const QString &project, const QString &file) { m_files->open(project, file); });
    connect(m_tree, &ProjectTree::menuWanted, this, &EditorPage::openTreeMenu);
    connect(m_tree, &ProjectTree::listed, this, [this](const QString &project) {
        if (project == this->project())
            showProject();
    });
    connect(m_tree, &ProjectTree::touched, this, [this](const QString &project) {
        for (DocumentView *view : m_files->documents()) {
            if (view->project() == project)
                view->checkDisk();
        }
        if (project == m_check->project())
            m_check->schedule();
    });
    connect(m_files, &OpenFiles::currentStateChanged, this, &EditorPage::currentChanged);
    connect(m_files, &OpenFiles::opened, this, [this](DocumentView *view) { attach(*view); });
    connect(m_files, &OpenFiles::edited, this, [this](DocumentView *view) {
        if (view->project() == m_check->project())
            m_check->schedule();
        if (view == m_files->current() && m_side->isVisible())
            m_sideDelay.start();
        m_search->refresh();
        m_draftDelay.start();
    });
    connect(m_files, &OpenFiles::saved, this, [this](DocumentView *view) {
        m_autosave.drop(view->project(), view->file());
        m_keptRevisions.remove(view->path());
        if (view->project() == m_check->project())
            m_check->schedule();
    });
    connect(m_files, &OpenFiles::closed, this, [this](const QString &project, const QString &file) {
        m_autosave.drop(project, file);
        m_keptRevisions.remove(project + u'/' + file);
        if (project == m_check->project())
            m_check->schedule();
        currentChanged();
    });
    connect(m_check, &SkillCheck::checked, this, &EditorPage::showReport);
    connect(m_check, &SkillCheck::renameWanted, this,
            [this](const QString &from, const QString &to) { rename(project(), from, to); });
    connect(m_form, &FrontMatterForm::edited, this, [this](const QByteArray &text) {
        if (DocumentView *view = m_files->current();
            view && view->state() == DocumentView::State::Editable)
            view->setBytes(text);
    });
    connect(m_preview, &QTextBrowser::anchorClicked, this, [this](const QUrl &url) {
        // A file of the skill is opened; anything else is not followed.
        const QString file = QDir::cleanPath(url.path());
        if (url.isRelative() && m_tree->filesOf(project()).contains(file))
            m_files->open(project(), file);
    });
    connect(m_testsPanel, &TestsPanel::runWanted, this, &EditorPage::runTests);
    connect(m_testsPanel, &TestsPanel::openWanted, this,
            [this](const QString &file) { m_files->open(project(), file); });
    connect(m_testsPanel, &TestsPanel::newCaseWanted, this, &EditorPage::writeTestCase);
    m_search->setPlace([this] {
        return SearchPanel::Place{project(), m_files->unsavedOf(project())};
    });
    connect(m_search, &SearchPanel::activated, this,
            [this](const QString &project, const QString &file, int line, int column) {
                m_files->open(project, file)->goTo(line, column);
            });
    connect(m_search, &SearchPanel::replaceWanted, this, &EditorPage::offerReplacement);
    connect(&m_sideDelay, &QTimer::timeout, this, &EditorPage::refreshSide);
    connect(&m_draftDelay, &QTimer::timeout, this, &EditorPage::keepDrafts);
    Navigation &navigation = m_desk.navigation;
    connect(&navigation, &Navigation::editRequested, this,
            [this](const QString &directory, const QString &file, int line, int column) {
                Q_EMIT m_desk.navigation.pageRequested(u"editor"_s);
                openProject(directory, file, line, column);
            });
    connect(&navigation, &Navigation::editPublishedRequested, this, &EditorPage::editPublished);
    connect(&navigation, &Navigation::newSkillRequested, this, [this] {
        Q_EMIT m_desk.navigation.pageRequested(u"editor"_s);
        newSkill();
    });
    connect(&m_desk.settings, &Settings::changed, this, [this](const QString &key) {
        if (key.startsWith(u"editor/")) {
            for (DocumentView *view : m_files->documents())
                view->editor().setFont(m_desk.settings.codeFont());
        }
    });
}

void EditorPage::attach(DocumentView &view)
{
    CodeEditor &editor = view.editor();
    editor.setFont(m_desk.settings.codeFont());
    editor.setHoverSource(
        [this, &view](int position) { return m_check->hoverText(view, position); });
    editor.setCompletionSource([this, &view](const QTextCursor &cursor) -> CompletionList {
        if (!isMarkdownName(view.file()))
            return {};
        QStringList lines;
        for (QTextBlock block = view.editor().document()->begin(); block.isValid();
             block = block.next())
            lines.append(block.text());
        return completeMarkdown(lines, cursor.blockNumber(), cursor.positionInBlock(),
                                m_tree->filesOf(view.project()));
    });
    connect(&editor, &QPlainTextEdit::cursorPositionChanged, this, &EditorPage::showCursor);
    connect(&editor, &CodeView::markClicked, this, [this, &view](int line) {
        view.editor().goTo(line + 1, 1);
        m_check->openFixMenu(view);
    });
    connect(editor.verticalScrollBar(), &QScrollBar::valueChanged, this, [this, &view](int value) {
        // The preview goes along, by share of the text.
        if (&view != m_files->current() || m_sideStack->currentWidget() != m_preview)
            return;
        const int all = std::max(1, view.editor().verticalScrollBar()->maximum());
        QScrollBar *bar = m_preview->verticalScrollBar();
        bar->setValue(static_cast<int>(qint64{bar->maximum()} * value / all));
    });
    editor.setFocus();
}

QString EditorPage::project() const
{
    if (const DocumentView *view = m_files->current())
        return view->project();
    const QString chosen = m_tree->current().project;
    return chosen.isEmpty() ? m_tree->projects().value(0) : chosen;
}

void EditorPage::activate()
{
    openSaved();
    if (DocumentView *view = m_files->current())
        view->editor().setFocus();
    else
        m_tree->setFocus();
}

void EditorPage::applyTheme(const Theme &theme)
{
    m_theme = theme;
    for (const auto &[button, icon] : std::as_const(m_toolButtons))
        button->setIcon(themedIcon(icon, theme, ColorRole::Text, ColorRole::OnSelection));
    m_tree->applyTheme(theme);
    m_files->applyTheme(theme);
    m_problems->applyTheme(theme);
    m_testsPanel->applyTheme(theme);
    m_search->applyTheme(theme);
    m_check->applyTheme(theme);
    m_preview->applyTheme(theme);
    m_state->applyTheme(theme);
    m_treeState->applyTheme(theme);
}

QList<PaletteEntry> EditorPage::paletteEntries()
{
    QList<PaletteEntry> entries;
    for (const QString &project : m_tree->projects()) {
        for (const QString &file : m_tree->filesOf(project)) {
            entries.append({tr("File"), file, QFileInfo(project).fileName(), [this, project, file] {
                                Q_EMIT m_desk.navigation.pageRequested(u"editor"_s);
                                m_files->open(project, file);
                            }});
        }
    }
    return entries;
}

void EditorPage::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void EditorPage::dropEvent(QDropEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls()) {
        const QFileInfo info(url.toLocalFile());
        if (info.isDir())
            openProject(info.absoluteFilePath());
        else if (info.isFile())
            openProject(info.absolutePath(), info.fileName());
    }
    event->acceptProposedAction();
}

} // namespace skillbox
