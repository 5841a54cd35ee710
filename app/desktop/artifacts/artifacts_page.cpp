#include "app/desktop/artifacts/artifacts_page.h"

#include "app/desktop/artifacts/artifact_details.h"
#include "app/desktop/artifacts/artifact_tree.h"
#include "app/desktop/artifacts/file_compare_view.h"
#include "app/desktop/artifacts/open_with.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/preview/text_decoding.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/state_view.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QDrag>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QUrl>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Several runs that end together cause one look.
constexpr auto reloadDelay = 400ms;
/// Copied beforehand when it is looked at, so that it can be dragged at once.
constexpr qint64 copiedBeforehand = 16 << 20;
constexpr qint64 mostCopiedText = 8 << 20;
constexpr int paletteFiles = 300;

} // namespace

ArtifactsPage::ArtifactsPage(const Desk &desk)
    : m_desk(desk)
    , m_splitter(new QSplitter)
    , m_right(new QStackedWidget)
{
    m_splitter->addWidget(buildLeft());
    m_compare = new FileCompareView;
    m_compare->setObjectName("artifacts.compare"_L1);
    m_right->addWidget(buildFile());
    m_right->addWidget(m_compare);
    m_splitter->addWidget(m_right);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({340, 860});
    m_splitter->setChildrenCollapsible(false);

    m_work = new QWidget;
    m_workText = new QLabel;
    m_workText->setTextFormat(Qt::PlainText);
    m_workBar = new QProgressBar;
    m_workBar->setFixedWidth(240);
    m_workBar->setAccessibleName(tr("Progress"));
    m_workStop = new QPushButton(tr("Stop"));
    m_workStop->setObjectName("artifacts.stop"_L1);
    auto *work = new QHBoxLayout(m_work);
    work->setContentsMargins(16, 6, 16, 6);
    work->addWidget(m_workText);
    work->addStretch(1);
    work->addWidget(m_workBar);
    work->addWidget(m_workStop);
    m_work->hide();
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_splitter, 1);
    column->addWidget(m_work);
    setProperty("surface", u"page"_s);

    addCommands();
    m_reloadDelay.setSingleShot(true);
    m_reloadDelay.setInterval(reloadDelay);
    connect(&m_reloadDelay, &QTimer::timeout, this, &ArtifactsPage::reload);
    connect(&m_desk.session.runs(), &RunCentre::changed, this, [this] {
        if (m_loaded && !m_reloadDelay.isActive())
            m_reloadDelay.start();
    });
    connect(&m_desk.session.engine(), &EngineThread::stateChanged, this, [this] {
        if (m_loaded)
            reload();
    });
    connect(&m_desk.navigation, &Navigation::artifactRequested, this,
            [this](const ExecutionId &id, const QString &path) {
                Q_EMIT m_desk.navigation.pageRequested(u"artifacts"_s);
                show({id, path});
            });
    m_listState->showLoading(tr("Looking for files …"));
    showChosen();
}

QWidget *ArtifactsPage::buildLeft()
{
    m_filter = new QLineEdit;
    m_filter->setObjectName("artifacts.filter"_L1);
    m_filter->setPlaceholderText(tr("Filter by file, type or skill"));
    m_filter->setAccessibleName(tr("Filter by file, type or skill"));
    m_filter->setClearButtonEnabled(true);
    m_shown.setSourceModel(&m_model);
    m_shown.setFilterRole(ArtifactTreeModel::SearchRole);
    m_shown.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_shown.setRecursiveFilteringEnabled(true);
    m_shown.setAutoAcceptChildRows(true);
    m_tree = new ArtifactTree;
    m_tree->setObjectName("artifacts.tree"_L1);
    m_tree->setAccessibleName(tr("Runs and their files"));
    m_tree->setModel(&m_shown);
    m_delegate = new ArtifactDelegate(m_tree);
    m_tree->setItemDelegate(m_delegate);
    m_older = new QPushButton(tr("Show older runs"));
    m_older->setObjectName("artifacts.older"_L1);
    m_older->setProperty("kind", u"flat"_s);
    m_older->hide();

    auto *list = new QWidget;
    auto *inner = new QVBoxLayout(list);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(0);
    inner->addWidget(m_tree, 1);
    inner->addWidget(m_older);
    m_listState = new StateView(list);
    auto *left = new QWidget;
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(12, 0, 12, 0);
    head->addWidget(m_filter);
    column->addLayout(head);
    column->addWidget(m_listState, 1);

    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_shown.setFilterFixedString(text.trimmed());
        if (!text.trimmed().isEmpty())
            m_tree->expandAll();
    });
    connect(m_older, &QPushButton::clicked, this, &ArtifactsPage::loadOlder);
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ArtifactsPage::showChosen);
    connect(m_tree, &QWidget::customContextMenuRequested, this, &ArtifactsPage::showMenu);
    connect(m_tree, &ArtifactTree::dragWanted, this, &ArtifactsPage::drag);
    return left;
}

QWidget *ArtifactsPage::buildFile()
{
    m_name = new QLabel;
    m_name->setObjectName("artifacts.name"_L1);
    m_name->setProperty("textRole", u"title"_s);
    m_name->setTextFormat(Qt::PlainText);
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_details = new ArtifactDetails;
    m_preview = new PreviewView;
    m_preview->setObjectName("artifacts.preview"_L1);

    auto *file = new QWidget;
    auto *column = new QVBoxLayout(file);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(24, 20, 16, 0);
    head->setSpacing(4);
    head->addWidget(m_name, 1);
    const auto add = [&](const QString &id, const QString &icon, const QString &title,
                         const QKeySequence &keys, void (ArtifactsPage::*handler)()) {
        head->addWidget(addAction(id, icon, title, keys, handler));
    };
    add(u"artifacts.open"_s, u"open-with"_s, tr("Open with another program"),
        QKeySequence(u"Ctrl+O"_s), &ArtifactsPage::openWith);
    add(u"artifacts.copy"_s, u"copy"_s, tr("Copy the content"), QKeySequence(u"Ctrl+Shift+C"_s),
        &ArtifactsPage::copyContent);
    add(u"artifacts.reveal"_s, u"runs"_s, tr("Show the run"), {}, &ArtifactsPage::revealRun);
    add(u"artifacts.saveAll"_s, u"folder"_s, tr("Save all files of the run …"),
        QKeySequence(u"Ctrl+Shift+S"_s), &ArtifactsPage::saveAll);
    add(u"artifacts.save"_s, u"download"_s, tr("Save …"), QKeySequence::Save, &ArtifactsPage::save);
    column->addLayout(head);
    column->addWidget(m_details);
    column->addWidget(m_preview, 1);
    m_fileState = new StateView(file);
    connect(m_details, &ArtifactDetails::runClicked, this, &ArtifactsPage::revealRun);
    connect(m_details, &ArtifactDetails::skillClicked, this, &ArtifactsPage::revealSkill);
    return m_fileState;
}

QToolButton *ArtifactsPage::addAction(const QString &id, const QString &icon, const QString &title,
                                      const QKeySequence &keys, void (ArtifactsPage::*handler)())
{
    QAction *action = m_desk.commands.add(id, tr("Artifacts"), title, keys,
                                          [this, handler] { (this->*handler)(); });
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    QWidget::addAction(action);
    auto *button = new QToolButton;
    button->setObjectName(id);
    button->setToolTip(title);
    button->setAccessibleName(title);
    connect(button, &QToolButton::clicked, action, &QAction::trigger);
    m_tools.append({button, icon});
    m_actions.append({id, button});
    return button;
}

void ArtifactsPage::addCommands()
{
    const auto add = [this](const QString &id, const QString &title, const QKeySequence &keys,
                            std::function<void()> trigger) {
        QAction *action = m_desk.commands.add(id, tr("Artifacts"), title, keys, std::move(trigger));
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        QWidget::addAction(action);
    };
    add(u"artifacts.archive"_s, tr("Save all files of the run as an archive …"), {},
        [this] { saveArchive(); });
    add(u"artifacts.copyPath"_s, tr("Copy the path of a copy of the file"), {},
        [this] { copyPath(); });
    add(u"artifacts.compare"_s, tr("Compare the two chosen files"), QKeySequence(u"Ctrl+D"_s),
        [this] { showChosen(); });
    add(u"artifacts.find"_s, tr("Filter the files"), QKeySequence(u"Ctrl+F"_s), [this] {
        m_filter->setFocus();
        m_filter->selectAll();
    });
    add(u"artifacts.refresh"_s, tr("Look for new files"), QKeySequence(u"F5"_s),
        [this] { reload(); });
}

void ArtifactsPage::activate()
{
    if (!m_loaded) {
        m_loaded = true;
        reload();
    }
    (m_model.rowCount() > 0 ? static_cast<QWidget *>(m_tree) : m_filter)->setFocus();
}

void ArtifactsPage::reload()
{
    m_loaded = true;
    const EngineThread &engine = m_desk.session.engine();
    if (engine.state() == EngineThread::State::Failed) {
        m_listState->showMessage(u"error"_s, tr("The store cannot be opened"),
                                 engine.error().message, tr("Try again"), [this] {
                                     EngineThread &again = m_desk.session.engine();
                                     again.open(EngineConfig(again.config()));
                                 });
        return;
    }
    const int question = ++m_question;
    m_desk.session.artifacts().list(this, {}, [this, question](const Result<RunFilesPage> &page) {
        if (question == m_question)
            showRuns(page);
    });
}

void ArtifactsPage::showRuns(const Result<RunFilesPage> &page)
{
    if (!page) {
        m_listState->showMessage(u"error"_s, tr("The files cannot be listed"), page.error().message,
                                 tr("Try again"), [this] { reload(); });
        return;
    }
    const bool first = m_model.rowCount() == 0;
    if (first) {
        m_model.setRuns(page->runs);
        m_next = page->next;
    } else {
        // What is open and chosen stays so.
        for (const ExecutionRecord &run : page->runs)
            m_model.insertRun(run);
    }
    m_older->setVisible(m_next.has_value());
    if (m_model.rowCount() == 0) {
        m_listState->showMessage(
            u"artifacts"_s, tr("No files yet"),
            tr("What a run writes to its files folder is kept here: pictures, tables, documents."),
            tr("Go to the runs"), [this] { Q_EMIT m_desk.navigation.pageRequested(u"runs"_s); });
        showChosen();
        return;
    }
    m_listState->showContent();
    if (!m_wanted.run.value.isEmpty())
        select(m_wanted);
    else if (first && m_model.find(m_before).isValid())
        select(m_before);
    else if (first)
        select({m_model.runs().first().id, {}});
}

void ArtifactsPage::loadOlder()
{
    m_older->setEnabled(false);
    m_desk.session.artifacts().list(this, m_next, [this](const Result<RunFilesPage> &page) {
        m_older->setEnabled(true);
        if (!page) {
            say(NoticeKind::Error, tr("Older runs cannot be listed"), page.error().message);
            return;
        }
        m_next = page->next;
        m_model.appendRuns(page->runs);
        m_older->setVisible(m_next.has_value());
    });
}

void ArtifactsPage::show(const ArtifactTreeModel::Place &place)
{
    m_wanted = place;
    m_filter->clear();
    if (m_model.find({place.run, {}}).isValid()) {
        select(place);
        return;
    }
    // It may be older than those that are listed, or have no files.
    m_desk.session.artifacts().find(
        this, place.run, [this, place](const Result<ExecutionRecord> &run) {
            if (m_wanted.run.value != place.run.value)
                return;
            if (!run) {
                m_wanted = {};
                say(NoticeKind::Error, tr("The run cannot be shown"), run.error().message);
                return;
            }
            m_listState->showContent();
            m_model.insertRun(*run);
            select(place);
        });
}

void ArtifactsPage::select(const ArtifactTreeModel::Place &place)
{
    QModelIndex index = m_model.find(place);
    if (!index.isValid())
        index = m_model.find({place.run, {}});
    if (!index.isValid())
        return; // its run is still to come
    m_wanted = {};
    const QModelIndex run = m_shown.mapFromSource(m_model.find({place.run, {}}));
    m_tree->expandRecursively(run);
    if (place.path.isEmpty()) {
        // The first file tells more than the name of the run.
        QModelIndex first = index;
        while (m_model.rowCount(first) > 0)
            first = m_model.index(0, 0, first);
        index = first;
    }
    const QModelIndex shown = m_shown.mapFromSource(index);
    for (QModelIndex above = shown.parent(); above.isValid(); above = above.parent())
        m_tree->expand(above);
    m_tree->setCurrentIndex(shown);
    m_tree->scrollTo(shown);
}

QModelIndex ArtifactsPage::current() const
{
    const QModelIndexList chosen = m_tree->selectionModel()->selectedIndexes();
    const QModelIndex index = m_tree->currentIndex();
    return m_shown.mapToSource(chosen.contains(index) || chosen.isEmpty() ? index : chosen.first());
}

QList<QModelIndex> ArtifactsPage::chosenFiles() const
{
    QList<QModelIndex> files;
    for (const QModelIndex &index : m_tree->selectionModel()->selectedIndexes()) {
        const QModelIndex source = m_shown.mapToSource(index);
        if (m_model.artifact(source))
            files.append(source);
    }
    return files;
}

void ArtifactsPage::showChosen()
{
    updateActions();
    const QList<QModelIndex> files = chosenFiles();
    if (files.size() == 2) {
        compare(files.first(), files.last());
        return;
    }
    m_compare->clear();
    m_right->setCurrentWidget(m_fileState);
    if (files.size() == 1) {
        showFile(files.first());
        return;
    }
    ++m_fileQuestion;
    m_seen = {};
    m_preview->clear();
    const QModelIndex index = current();
    if (files.size() > 2) {
        m_fileState->showMessage(u"artifacts"_s, tr("%L1 files chosen").arg(files.size()),
                                 tr("Two are compared with each other; any number can be saved."),
                                 tr("Save them …"), [this] { saveAll(); });
    } else if (index.isValid() && !m_tree->selectionModel()->selectedIndexes().isEmpty()) {
        showRun(index);
    } else {
        m_fileState->showMessage(
            u"file"_s, tr("No file chosen"),
            tr("Choose one at the left to look at it, or two to compare them."));
    }
}

void ArtifactsPage::showRun(const QModelIndex &run)
{
    const Files files = m_model.artifactsBelow(run);
    if (files.isEmpty()) {
        m_fileState->showMessage(u"artifacts"_s, tr("This run left no files"),
                                 tr("Files are kept that a run writes below $SANDBOX_FILES_DIR."),
                                 tr("Show the run"), [this] { revealRun(); });
        return;
    }
    qint64 bytes = 0;
    for (const ArtifactRecord &file : files)
        bytes += file.sizeBytes;
    m_fileState->showMessage(
        u"folder"_s, m_model.data(run, Qt::DisplayRole).toString(),
        tr("%L1 files, %2 together.").arg(files.size()).arg(QLocale().formattedDataSize(bytes, 1)),
        tr("Save all …"), [this] { saveAll(); });
}

void ArtifactsPage::showFile(const QModelIndex &file)
{
    const ArtifactTreeModel::Place place = m_model.place(file);
    if (place == m_seen)
        return;
    m_seen = place;
    const ArtifactRecord artifact = *m_model.artifact(file);
    const int question = ++m_fileQuestion;
    m_name->setText(artifact.path);
    m_name->setToolTip(artifact.path.toHtmlEscaped());
    m_details->show(*m_model.run(file), artifact);
    ArtifactFiles &files = m_desk.session.artifacts();
    files.locate(this, artifact, [this, question, artifact](const Result<QString> &path) {
        if (question != m_fileQuestion)
            return; // another one was chosen meanwhile
        if (!path) {
            m_fileState->showMessage(u"error"_s, tr("This file cannot be shown"),
                                     path.error().message);
            return;
        }
        m_fileState->showContent();
        m_preview->show({*path, artifact.path, artifact.contentType});
        if (artifact.sizeBytes <= copiedBeforehand)
            m_desk.session.artifacts().copyForOthers(artifact);
    });
}

void ArtifactsPage::compare(const QModelIndex &left, const QModelIndex &right)
{
    m_preview->clear();
    m_seen = {};
    m_right->setCurrentWidget(m_compare);
    const int question = ++m_fileQuestion;
    struct Side {
        ArtifactRecord artifact;
        QString title;
    };
    const auto side = [this](const QModelIndex &index) {
        return Side{*m_model.artifact(index),
                    u"%1 · %2"_s.arg(m_model.artifact(index)->path,
                                     friendlyMoment(m_model.run(index)->createdAt))};
    };
    // The older one is the one that things changed from.
    const bool swap = m_model.run(left)->createdAt > m_model.run(right)->createdAt;
    const Side one = side(swap ? right : left);
    const Side two = side(swap ? left : right);
    ArtifactFiles &files = m_desk.session.artifacts();
    const auto fail = [this](const Error &error) {
        m_right->setCurrentWidget(m_fileState);
        m_fileState->showMessage(u"error"_s, tr("These files cannot be compared"), error.message);
    };
    files.locate(this, one.artifact, [=, this, &files](const Result<QString> &first) {
        if (question != m_fileQuestion)
            return;
        if (!first) {
            fail(first.error());
            return;
        }
        files.locate(this, two.artifact, [=, this, path = *first](const Result<QString> &second) {
            if (question != m_fileQuestion)
                return;
            if (!second) {
                fail(second.error());
                return;
            }
            m_compare->show({path, one.artifact.path, one.artifact.contentType}, one.title,
                            {*second, two.artifact.path, two.artifact.contentType}, two.title);
        });
    });
}

void ArtifactsPage::updateActions()
{
    const QList<QModelIndex> files = chosenFiles();
    const bool hasRun = current().isValid();
    const auto set = [this](const QString &id, bool on) {
        if (QAction *action = m_desk.commands.find(id))
            action->setEnabled(on);
        for (const auto &[known, button] : std::as_const(m_actions)) {
            if (known == id)
                button->setEnabled(on);
        }
    };
    for (const auto &id :
         {u"artifacts.open"_s, u"artifacts.copy"_s, u"artifacts.copyPath"_s, u"artifacts.save"_s})
        set(id, files.size() == 1);
    set(u"artifacts.compare"_s, files.size() == 2);
    set(u"artifacts.saveAll"_s, hasRun);
    set(u"artifacts.archive"_s, hasRun);
    set(u"artifacts.reveal"_s, hasRun);
}

void ArtifactsPage::showMenu(const QPoint &place)
{
    if (!m_tree->indexAt(place).isValid())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto &id :
         {u"artifacts.open"_s, u"artifacts.save"_s, u"artifacts.copy"_s, u"artifacts.copyPath"_s,
          QString(), u"artifacts.saveAll"_s, u"artifacts.archive"_s, u"artifacts.reveal"_s}) {
        if (id.isEmpty())
            menu->addSeparator();
        else if (QAction *action = m_desk.commands.find(id))
            menu->addAction(action);
    }
    menu->popup(m_tree->viewport()->mapToGlobal(place));
}

void ArtifactsPage::say(NoticeKind kind, const QString &title, const QString &text)
{
    m_desk.notifications.post({.kind = kind, .title = title, .text = text});
}

void ArtifactsPage::track(FileJob *job, const QString &what,
                          std::function<void(const QString &)> then)
{
    m_workText->setText(what);
    m_workBar->setRange(0, 0);
    m_work->show();
    disconnect(m_workStop, &QPushButton::clicked, nullptr, nullptr);
    connect(m_workStop, &QPushButton::clicked, job, &FileJob::cancel);
    connect(job, &FileJob::progressed, this, [this](qint64 bytes, qint64 total) {
        m_workBar->setRange(0, total > 0 ? 1000 : 0);
        if (total > 0)
            m_workBar->setValue(static_cast<int>(bytes * 1000 / total));
    });
    connect(job, &FileJob::finished, this,
            [this, then = std::move(then)](const Result<QString> &path) {
                m_work->hide();
                if (path)
                    then(*path);
                else if (path.error().code != ErrorCode::Cancelled)
                    say(NoticeKind::Error, tr("Not written"), path.error().message);
            });
}

void ArtifactsPage::save()
{
    const QModelIndex file = current();
    const ArtifactRecord *artifact = m_model.artifact(file);
    if (!artifact)
        return;
    auto *dialog = new QFileDialog(this, tr("Save %1").arg(artifact->path.section(u'/', -1)));
    dialog->setObjectName("artifacts.saveDialog"_L1);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(artifact->path.section(u'/', -1));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, artifact = *artifact](const QString &path) {
                track(m_desk.session.artifacts().save(artifact, path),
                      tr("Saving %1 …").arg(artifact.path), [this](const QString &written) {
                          say(NoticeKind::Success, tr("Saved"), QDir::toNativeSeparators(written));
                      });
            });
    dialog->open();
}

void ArtifactsPage::saveAll()
{
    const QModelIndex index = current();
    if (!index.isValid())
        return;
    const ExecutionRecord &run = *m_model.run(index);
    Files files;
    const QList<QModelIndex> chosen = chosenFiles();
    bool oneRun = true;
    for (const QModelIndex &file : chosen)
        oneRun = oneRun && m_model.run(file)->id.value == run.id.value;
    // Files of several runs may have the same names: then it is the current run's.
    if (chosen.size() > 1 && oneRun) {
        for (const QModelIndex &file : chosen)
            files.append(*m_model.artifact(file));
    } else {
        files = run.artifacts;
    }
    const QString name = u"%1-%2"_s.arg(run.skillName.isEmpty() ? u"run"_s : run.skillName,
                                        run.id.value.left(8));
    auto *dialog = new QFileDialog(this,
                                   tr("Save %L1 files in a new folder in …").arg(files.size()));
    dialog->setObjectName("artifacts.folderDialog"_L1);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this, files, name](const QString &folder) {
        track(m_desk.session.artifacts().saveFolder(files, folder, name),
              tr("Saving %L1 files …").arg(files.size()), [this](const QString &written) {
                  m_desk.notifications.post({.kind = NoticeKind::Success,
                                             .title = tr("Saved"),
                                             .text = QDir::toNativeSeparators(written),
                                             .actionTitle = tr("Open the folder"),
                                             .action = [written] {
                                                 QDesktopServices::openUrl(
                                                     QUrl::fromLocalFile(written));
                                             }});
              });
    });
    dialog->open();
}

void ArtifactsPage::saveArchive()
{
    const QModelIndex index = current();
    if (!index.isValid())
        return;
    const ExecutionRecord run = *m_model.run(index);
    auto *dialog = new QFileDialog(this, tr("Save all files of the run"));
    dialog->setObjectName("artifacts.archiveDialog"_L1);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("Archives (*.tar.gz)"));
    dialog->selectFile(u"%1-%2.tar.gz"_s.arg(run.skillName.isEmpty() ? u"run"_s : run.skillName,
                                             run.id.value.left(8)));
    connect(dialog, &QFileDialog::fileSelected, this, [this, run](const QString &path) {
        track(m_desk.session.artifacts().saveArchive(run, path), tr("Packing …"),
              [this](const QString &written) {
                  say(NoticeKind::Success, tr("Saved"), QDir::toNativeSeparators(written));
              });
    });
    dialog->open();
}

void ArtifactsPage::openWith()
{
    const ArtifactRecord *artifact = m_model.artifact(current());
    if (!artifact)
        return;
    const auto go = [this, file = *artifact] {
        track(m_desk.session.artifacts().copyForOthers(file), tr("Copying %1 …").arg(file.path),
              [this](const QString &path) { openPath(path); });
    };
    if (opensHarmlessly(artifact->path, artifact->contentType)) {
        go();
        return;
    }
    auto *question = new QMessageBox(
        QMessageBox::Warning, tr("Open with another program"),
        tr("“%1” may contain something that the other program runs, outside of the sandbox.")
            .arg(artifact->path.section(u'/', -1)),
        QMessageBox::Cancel, this);
    question->setObjectName("artifacts.openQuestion"_L1);
    question->setTextFormat(Qt::PlainText);
    question->setInformativeText(tr("Open it only if you trust the skill that made it."));
    QPushButton *open = question->addButton(tr("Open it"), QMessageBox::AcceptRole);
    question->setDefaultButton(QMessageBox::Cancel);
    question->setAttribute(Qt::WA_DeleteOnClose);
    connect(question, &QMessageBox::buttonClicked, this, [open, go](QAbstractButton *button) {
        if (button == open)
            go();
    });
    question->open();
}

void ArtifactsPage::openPath(const QString &path)
{
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(path)))
        say(NoticeKind::Warning, tr("No program opens this kind of file"),
            QFileInfo(path).fileName());
}

void ArtifactsPage::copyContent()
{
    const ArtifactRecord *artifact = m_model.artifact(current());
    if (!artifact)
        return;
    const QImage picture = m_preview->picture();
    if (!picture.isNull()) {
        QApplication::clipboard()->setImage(picture);
        say(NoticeKind::Info, tr("The picture is copied"));
        return;
    }
    if (m_preview->kind() == FileKind::Binary || artifact->sizeBytes > mostCopiedText) {
        say(NoticeKind::Warning, tr("Not copied"),
            tr("Pictures and texts up to %1 are. The path of the file can be copied, too.")
                .arg(QLocale().formattedDataSize(mostCopiedText)));
        return;
    }
    m_desk.session.artifacts().locate(this, *artifact, [this](const Result<QString> &path) {
        if (!path) {
            say(NoticeKind::Error, tr("Not copied"), path.error().message);
            return;
        }
        runInBackground(
            this, {},
            [path = *path](const std::stop_token &) {
                const Result<SharedFile> file = RandomFile::open(path);
                return file ? QString::fromUtf8((*file)->read(0, mostCopiedText)) : QString();
            },
            [this](const QString &text) {
                QApplication::clipboard()->setText(text);
                say(NoticeKind::Info, tr("The text is copied"));
            });
    });
}

void ArtifactsPage::copyPath()
{
    const ArtifactRecord *artifact = m_model.artifact(current());
    if (!artifact)
        return;
    track(m_desk.session.artifacts().copyForOthers(*artifact),
          tr("Copying %1 …").arg(artifact->path), [this](const QString &path) {
              QApplication::clipboard()->setText(QDir::toNativeSeparators(path));
              say(NoticeKind::Info, tr("The path is copied"),
                  tr("The copy is there until the window is closed."));
          });
}

void ArtifactsPage::revealRun()
{
    if (const ExecutionRecord *run = m_model.run(current()))
        Q_EMIT m_desk.navigation.executionRequested(run->id);
}

void ArtifactsPage::revealSkill()
{
    const ExecutionRecord *run = m_model.run(current());
    if (run && !run->skillName.isEmpty())
        Q_EMIT m_desk.navigation.skillRequested(run->skillName, run->skillVersion);
}

void ArtifactsPage::drag(const QModelIndex &index)
{
    const ArtifactRecord *artifact = m_model.artifact(m_shown.mapToSource(index));
    if (!artifact)
        return;
    const QString path = m_desk.session.artifacts().copyOf(*artifact);
    if (path.isEmpty()) {
        track(m_desk.session.artifacts().copyForOthers(*artifact),
              tr("Preparing %1 …").arg(artifact->path), [this](const QString &) {
                  say(NoticeKind::Info, tr("The file is ready"), tr("Drag it once more."));
              });
        return;
    }
    auto *mime = new QMimeData;
    mime->setUrls({QUrl::fromLocalFile(path)});
    auto *drag = new QDrag(m_tree); // Qt deletes it with its data
    drag->setMimeData(mime);
    drag->setPixmap(
        themedIcon(m_model.data(m_shown.mapToSource(index), ArtifactTreeModel::IconRole).toString(),
                   m_theme)
            .pixmap(32, 32));
    drag->exec(Qt::CopyAction);
}

QList<PaletteEntry> ArtifactsPage::paletteEntries()
{
    QList<PaletteEntry> entries;
    for (const ExecutionRecord &run : m_model.runs()) {
        for (const ArtifactRecord &file : run.artifacts) {
            if (entries.size() >= paletteFiles)
                return entries;
            entries.append({tr("File"), file.path,
                            u"%1 · %2"_s.arg(run.skillName, friendlyMoment(run.createdAt)),
                            [this, place = ArtifactTreeModel::Place{run.id, file.path}] {
                                Q_EMIT m_desk.navigation.pageRequested(u"artifacts"_s);
                                show(place);
                            }});
        }
    }
    return entries;
}

QJsonObject ArtifactsPage::saveState() const
{
    return {{"splitter"_L1, QString::fromLatin1(m_splitter->saveState().toBase64())},
            {"run"_L1, m_seen.run.value},
            {"path"_L1, m_seen.path}};
}

void ArtifactsPage::restoreState(const QJsonObject &state)
{
    m_splitter->restoreState(
        QByteArray::fromBase64(state.value("splitter"_L1).toString().toLatin1()));
    m_before = {{state.value("run"_L1).toString()}, state.value("path"_L1).toString()};
}

void ArtifactsPage::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_delegate->setTheme(theme);
    m_listState->applyTheme(theme);
    m_fileState->applyTheme(theme);
    m_preview->applyTheme(theme);
    m_compare->applyTheme(theme);
    for (const Tool &tool : std::as_const(m_tools))
        tool.button->setIcon(themedIcon(tool.icon, theme));
    m_tree->viewport()->update();
}

} // namespace skillbox
