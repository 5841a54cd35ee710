#include "app/desktop/artifacts/artifacts_page.h"

#include "app/desktop/artifacts/artifact_details.h"
#include "app/desktop/artifacts/artifact_tree.h"
#include "app/desktop/artifacts/file_compare_view.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/state_view.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Several runs that end together cause one look.
constexpr auto reloadDelay = 400ms;
/// Copied beforehand when it is looked at, so that it can be dragged at once.
constexpr qint64 copiedBeforehand = 16 << 20;
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
    setPlainToolTip(*m_name, artifact.path);
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
