#include "app/desktop/catalog/catalog_page.h"

#include "app/desktop/catalog/facet_panel.h"
#include "app/desktop/shell/navigation.h"
#include "tests/support/desktop_fixture.h"
#include "tests/support/second_server.h"

#include <QCheckBox>
#include <QClipboard>
#include <QMessageBox>
#include <QMimeData>
#include <QSignalSpy>
#include <QTextBrowser>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

namespace {

constexpr int patience = 30'000;

} // namespace

#define EVENTUALLY(condition) QTRY_VERIFY_WITH_TIMEOUT(condition, patience)
#define EVENTUALLY_COMPARE(actual, expected) QTRY_COMPARE_WITH_TIMEOUT(actual, expected, patience)

class CatalogPageTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<DesktopFixture> m_fixture;
    std::unique_ptr<SecondServer> m_server;

    CatalogPage &page() { return *m_fixture->window().findChild<CatalogPage *>(); }
    CatalogModel &model() { return page().model(); }
    const QList<Notice> &notices() { return m_fixture->window().desk().notifications.history(); }
    template<typename T>
    T *find(const QString &name)
    {
        return page().findChild<T *>(name);
    }
    void click(const QString &button)
    {
        QTest::mouseClick(find<QAbstractButton>(button), Qt::LeftButton);
    }
    QListView &cards() { return *find<QListView>(u"catalog.cardsView"_s); }
    QString shown() { return find<QLabel>(u"catalog.skillName"_s)->text(); }
    QStringList names()
    {
        QStringList names;
        for (int row = 0; row < model().rowCount(); ++row)
            names.append(model().entry(row).name);
        return names;
    }
    /// What the list says instead of its rows.
    QString message()
    {
        QStringList texts;
        for (const QLabel *label : find<QWidget>(u"catalog.state"_s)->findChildren<QLabel *>()) {
            if (label->isVisible() && !label->text().isEmpty())
                texts.append(label->text());
        }
        return texts.join(u'\n');
    }
    void openWith(const QList<SkillFolder> &skills)
    {
        QVERIFY(m_fixture->start());
        for (const SkillFolder &skill : skills)
            QCOMPARE(m_fixture->publish(skill), QString());
        QSet<QString> known;
        for (const SkillFolder &skill : skills)
            known.insert(skill.name);
        EVENTUALLY_COMPARE(model().rowCount(), static_cast<int>(known.size()));
    }
    void chooseRow(int row, Qt::KeyboardModifiers keys = Qt::NoModifier)
    {
        const QRect place = cards().visualRect(model().index(row, 0));
        QTest::mouseClick(cards().viewport(), Qt::LeftButton, keys, place.center());
    }
    /// A second real server that the catalog knows as `team`.
    void addTeam()
    {
        m_server = std::make_unique<SecondServer>(QStringLiteral(SKILLBOX_PROGRAM_DIRECTORY
                                                                 "/skillbox-server"),
                                                  m_fixture->path(u"team"_s));
        QVERIFY2(m_server->start(), m_server->said().constData());
        std::optional<QString> added;
        m_fixture->session().remotes().add(
            &page(), m_server->remote(u"team"_s), RemoteList::Existing::Refuse,
            [&](const Result<void> &done) { added = done ? QString() : done.error().message; });
        EVENTUALLY(added.has_value());
        QCOMPARE(*added, QString());
        EVENTUALLY(teamState() == CatalogFeed::Source::State::Ready);
    }
    CatalogFeed::Source::State teamState()
    {
        for (const auto &source : m_fixture->session().catalog().sources()) {
            if (source.name == u"team")
                return source.state;
        }
        return CatalogFeed::Source::State::Loading;
    }
    /// Chooses an entry of a button's menu by its text.
    void chooseInMenu(QMenu &menu, const QString &text)
    {
        Q_EMIT menu.aboutToShow();
        for (QAction *action : menu.actions()) {
            if (action->text() == text) {
                action->trigger();
                return;
            }
        }
        QFAIL(qPrintable(u"there is no "_s + text));
    }
    JobDialog *jobDialog() { return page().findChild<JobDialog *>(u"catalog.jobDialog"_s); }
    bool noticed(const QString &part)
    {
        return std::any_of(notices().cbegin(), notices().cend(),
                           [&](const Notice &notice) { return notice.title.contains(part); });
    }
    void undoLast()
    {
        QVERIFY(notices().last().action);
        notices().last().action();
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<DesktopFixture>(); }
    void cleanup()
    {
        m_fixture.reset();
        m_server.reset();
    }

    void saysThatItIsEmptyAndHowToBegin()
    {
        QVERIFY(message().isEmpty() || message().contains(u"Opening"_s));
        openWith({});
        EVENTUALLY(message().contains(u"No skills yet"_s));
        QSignalSpy created(&m_fixture->window().desk().navigation, &Navigation::newSkillRequested);
        click(u"catalog.newSkill"_s);
        QCOMPARE(created.size(), 1);
    }

    void saysWhyTheStoreCannotBeOpened()
    {
        writeFile(m_fixture->path(u"data"_s), "in the way of the folder");
        QVERIFY(!m_fixture->start());
        EVENTUALLY(message().contains(u"The store cannot be opened"_s));
        QVERIFY(QFile::remove(m_fixture->path(u"data"_s)));
        for (QPushButton *button :
             find<QWidget>(u"catalog.state"_s)->findChildren<QPushButton *>()) {
            if (button->isVisible())
                QTest::mouseClick(button, Qt::LeftButton); // Try again
        }
        EVENTUALLY(message().contains(u"No skills yet"_s));
    }

    void narrowsWhileOneTypes()
    {
        openWith({{.name = u"word-counter"_s},
                  {.name = u"chart-maker"_s, .description = u"Draws charts. Use for numbers."_s},
                  {.name = u"idle"_s, .description = u"Waits. Use it to wait."_s}});
        auto *search = find<QLineEdit>(u"catalog.search"_s);
        search->setFocus();
        QTest::keyClicks(search, u"chart"_s);
        QCOMPARE(names(), QStringList{u"chart-maker"_s});
        EVENTUALLY_COMPARE(shown(), u"chart-maker"_s);
        search->clear();
        // Only the store knows what is in the instructions.
        QTest::keyClicks(search, u"Counting"_s);
        EVENTUALLY_COMPARE(model().rowCount(), 3);
        search->clear();
        QTest::keyClicks(search, u"nowhere"_s);
        EVENTUALLY(message().contains(u"nowhere"_s));
        QTest::keyClick(search, Qt::Key_Escape);
        QCOMPARE(model().rowCount(), 3);
        QTest::keyClick(search, Qt::Key_Down);
        QVERIFY(cards().hasFocus());
        QTest::keyClick(&cards(), Qt::Key_Home);
        EVENTUALLY_COMPARE(shown(), u"chart-maker"_s);
        QTest::keyClick(&cards(), Qt::Key_Down);
        EVENTUALLY_COMPARE(shown(), u"idle"_s);
    }

    void noticesWhatOthersChangeInTheStore()
    {
        openWith({{.name = u"mine"_s}});
        EVENTUALLY_COMPARE(shown(), u"mine"_s);
        // Another engine on the same store, as the command line or a server has one.
        EngineConfig config;
        config.dataDirectory = m_fixture->path(u"data"_s);
        const auto other = Engine::create(config);
        QVERIFY2(other, other ? "" : qPrintable(other.error().message));
        Registry &registry = (*other)->registry();
        const Origin by{.actor = u"another program"_s, .address = {}, .requestId = {}};
        const QString folder = SkillFolder{.name = u"theirs"_s}.write(m_fixture->path(u"others"_s));
        QVERIFY(registry.publishDirectory(localTenant(), folder, by));
        EVENTUALLY_COMPARE(names(), QStringList({u"mine"_s, u"theirs"_s}));
        QCOMPARE(shown(), u"mine"_s); // what one looks at stays
        QVERIFY(registry.yank({localTenant(), u"theirs"_s, u"1.0.0"_s}, u"wrong"_s, by));
        EVENTUALLY(model().entry(1).main().isYanked());
        QVERIFY(registry.remove({localTenant(), u"theirs"_s, u"1.0.0"_s}, by));
        EVENTUALLY_COMPARE(names(), QStringList{u"mine"_s});
    }

    void filtersByWhatIsChosenAtTheLeft()
    {
        openWith({{.name = u"runs"_s}, {.name = u"reads"_s, .script = {}}});
        find<QCheckBox>(u"catalog.facet.language.python"_s)->click();
        QCOMPARE(names(), QStringList{u"runs"_s});
        find<QPushButton>(u"catalog.clearFilters"_s)->click();
        QCOMPARE(model().rowCount(), 2);
    }

    void showsAllOfASkill()
    {
        openWith({{.version = u"1.0.0"_s, .script = "print('one')\n"},
                  {.version = u"1.1.0"_s,
                   .script = "print('two')\n",
                   .files = {{u"notes.txt"_s, "a note\n"}}}});
        EVENTUALLY_COMPARE(find<QLabel>(u"catalog.skillVersion"_s)->text(), u"1.1.0"_s);
        QVERIFY(
            find<QTextBrowser>(u"catalog.instructions"_s)->toPlainText().contains(u"Counting"_s));
        auto *tabs = find<QTabWidget>(u"catalog.tabs"_s);
        tabs->setCurrentIndex(SkillView::Files);
        auto *files = find<QTreeWidget>(u"catalog.files"_s);
        EVENTUALLY_COMPARE(files->topLevelItemCount(), 3);
        tabs->setCurrentIndex(SkillView::Versions);
        auto *versions = find<QTreeWidget>(u"catalog.versions"_s);
        EVENTUALLY_COMPARE(versions->topLevelItemCount(), 2);
        // The newest is compared with the one before.
        auto *compared = find<QTreeWidget>(u"catalog.compare.files"_s);
        EVENTUALLY_COMPARE(compared->topLevelItemCount(), 3);
        QStringList changes;
        for (int i = 0; i < 3; ++i)
            changes.append(compared->topLevelItem(i)->text(0) + u' '
                           + compared->topLevelItem(i)->text(1));
        changes.sort();
        QCOMPARE(changes,
                 QStringList({u"SKILL.md changed"_s, u"main.py changed"_s, u"notes.txt added"_s}));
        versions->setCurrentItem(versions->topLevelItem(1));
        click(u"catalog.showVersion"_s);
        EVENTUALLY_COMPARE(find<QLabel>(u"catalog.skillVersion"_s)->text(), u"1.0.0"_s);
        tabs->setCurrentIndex(SkillView::Runs);
        QSignalSpy run(&m_fixture->window().desk().navigation, &Navigation::runRequested);
        click(u"catalog.run"_s);
        QCOMPARE(run.size(), 1);
        QCOMPARE(run[0][0].value<RunOrder>().skill, u"word-counter"_s);
        QCOMPARE(run[0][0].value<RunOrder>().version, u"1.0.0"_s);
    }

    void explainsFindings()
    {
        openWith(
            {{.header = "timeout: 60s\nunknown-key: yes\n",
              .script = "import urllib.request\nurllib.request.urlopen('http://example.com')\n"}});
        auto *list = find<QTreeWidget>(u"catalog.findings"_s);
        find<QTabWidget>(u"catalog.tabs"_s)->setCurrentIndex(SkillView::Findings);
        EVENTUALLY(list->topLevelItemCount() > 0);
        const QString help = find<QTextBrowser>(u"catalog.findingHelp"_s)->toPlainText();
        QVERIFY2(help.contains(u"Why it matters."_s) && help.contains(u"What to do."_s),
                 qPrintable(help));
        QCOMPARE(model().entry(0).findings == FindingLevel::Clean, false);
        click(u"catalog.showFindingFile"_s);
        QCOMPARE(find<QTabWidget>(u"catalog.tabs"_s)->currentIndex(), int(SkillView::Files));
        QSignalSpy edited(&m_fixture->window().desk().navigation,
                          &Navigation::editPublishedRequested);
        find<QTabWidget>(u"catalog.tabs"_s)->setCurrentIndex(SkillView::Findings);
        click(u"catalog.editFinding"_s);
        QCOMPARE(edited.size(), 1);
    }

    void importsWhatIsDropped()
    {
        openWith({});
        SkillFolder{.name = u"one"_s}.write(m_fixture->path(u"many"_s));
        SkillFolder{.name = u"two"_s}.write(m_fixture->path(u"many"_s));
        SkillFolder{.name = u"bad"_s, .version = u"x"_s}.write(m_fixture->path(u"many"_s));
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(m_fixture->path(u"many"_s))});
        QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&page(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&page(), &drop);
        EVENTUALLY_COMPARE(names(), QStringList({u"one"_s, u"two"_s}));
        EVENTUALLY(jobDialog()); // for the one that is no skill
        QCOMPARE(jobDialog()->findChild<QLabel *>(u"job.summary"_s)->text(),
                 u"2 done  ·  1 failed"_s);
        QVERIFY(jobDialog()
                    ->findChild<QTextEdit *>(u"job.detail"_s)
                    ->toPlainText()
                    .contains(u"version"_s));
        // Mended, the rest is done.
        SkillFolder{.name = u"bad"_s, .version = u"2.0.0"_s}.write(m_fixture->path(u"many"_s));
        QTest::mouseClick(jobDialog()->findChild<QPushButton *>(u"job.retry"_s), Qt::LeftButton);
        EVENTUALLY_COMPARE(model().rowCount(), 3);
    }

    void yanksAndDeletesManyAndTakesItBack()
    {
        openWith({{.name = u"a"_s, .version = u"1.0.0"_s},
                  {.name = u"a"_s, .version = u"1.1.0"_s},
                  {.name = u"b"_s},
                  {.name = u"c"_s}});
        QVERIFY(!find<QWidget>(u"catalog.chosenBar"_s)->isVisible());
        chooseRow(0);
        chooseRow(1, Qt::ControlModifier);
        QVERIFY(find<QWidget>(u"catalog.chosenBar"_s)->isVisible());
        QCOMPARE(find<QLabel>(u"catalog.chosenCount"_s)->text(), u"2 skills chosen"_s);
        click(u"catalog.yankChosen"_s);
        EVENTUALLY(noticed(u"2 skills yanked"_s));
        EVENTUALLY(model().entry(1).main().isYanked());
        QCOMPARE(model().entry(0).main().newest.version, u"1.0.0"_s); // the newest that is left
        undoLast();
        EVENTUALLY(!model().entry(1).main().isYanked());
        EVENTUALLY_COMPARE(model().entry(0).main().newest.version, u"1.1.0"_s);

        cards().setFocus();
        QTest::keyClick(&cards(), Qt::Key_Delete);
        auto *box = page().findChild<QMessageBox *>(u"catalog.deleteDialog"_s);
        QVERIFY(box);
        QCOMPARE(model().rowCount(), 3);
        QTest::mouseClick(box->findChild<QPushButton *>(u"catalog.confirmDelete"_s),
                          Qt::LeftButton);
        EVENTUALLY_COMPARE(names(), QStringList{u"c"_s});
        EVENTUALLY(noticed(u"3 versions deleted"_s));
        undoLast();
        EVENTUALLY_COMPARE(model().rowCount(), 3);
        EVENTUALLY_COMPARE(model().entry(0).main().versions, 2);
    }

    void exportsArchives()
    {
        openWith({{}});
        QDir().mkpath(m_fixture->path(u"out"_s));
        CatalogActions actions(m_fixture->window().desk(), &page());
        actions.exportSkills({{{}, u"word-counter"_s, u"1.0.0"_s}}, m_fixture->path(u"out"_s));
        EVENTUALLY(QFile::exists(m_fixture->path(u"out/word-counter-1.0.0.zip"_s)));
        actions.exportSkills({{{}, u"word-counter"_s, u"1.0.0"_s}}, m_fixture->path(u"nowhere"_s));
        EVENTUALLY(jobDialog());
        QVERIFY(jobDialog()
                    ->findChild<QTextEdit *>(u"job.detail"_s)
                    ->toPlainText()
                    .contains(u"nowhere"_s));
    }

    void publishesToAServerAndTakesOverFromIt()
    {
        openWith({{.name = u"ours"_s}});
        addTeam();
        auto *publish = find<QPushButton>(u"catalog.publish"_s);
        EVENTUALLY(publish->isVisible());
        chooseInMenu(*publish->menu(), u"team"_s);
        EVENTUALLY(noticed(u"ours 1.0.0 published to team"_s));
        EVENTUALLY(model().entry(0).at(u"team"_s));
        QCOMPARE(model().entry(0).at(u"team"_s)->newest.digest,
                 model().entry(0).main().newest.digest);

        // Deleted here, it is only there; from there it comes back.
        std::optional<bool> gone;
        m_fixture->session().skills().remove(&page(), u"ours"_s, u"1.0.0"_s,
                                             [&](const Result<void> &done) {
                                                 gone = done.has_value();
                                             });
        EVENTUALLY(gone.has_value());
        EVENTUALLY(model().rowCount() == 1 && !model().entry(0).isLocal());
        auto *pull = find<QPushButton>(u"catalog.pull"_s);
        EVENTUALLY(pull->isVisible());
        find<QTabWidget>(u"catalog.tabs"_s)->setCurrentIndex(SkillView::Files);
        EVENTUALLY_COMPARE(find<QTreeWidget>(u"catalog.files"_s)->topLevelItemCount(), 2);
        QTest::mouseClick(pull, Qt::LeftButton);
        EVENTUALLY(noticed(u"ours 1.0.0 taken over from team"_s));
        EVENTUALLY(model().entry(0).isLocal());
    }

    void showsBothSidesOfAConflict()
    {
        openWith({{.script = "print('ours')\n"}});
        addTeam();
        {
            // Somebody else published other content under the same version.
            const Remote remote = m_server->remote(u"team"_s);
            auto http = connectTo(connectionOf(remote));
            QVERIFY(http);
            ApiClient api(std::move(*http));
            RemoteRegistry theirs(api);
            const QString archive = m_fixture->path(u"theirs.zip"_s);
            QVERIFY(packDirectory(SkillFolder{.script = "print('theirs')\n"}.write(
                                      m_fixture->path(u"theirs"_s)),
                                  archive));
            QFile file(archive);
            QVERIFY(file.open(QIODevice::ReadOnly));
            const auto published = theirs.publish(file);
            QVERIFY2(published, published ? "" : qPrintable(published.error().message));
        }
        const QString before = model().entry(0).main().newest.digest;
        chooseInMenu(*find<QPushButton>(u"catalog.publish"_s)->menu(), u"team"_s);
        EVENTUALLY(jobDialog());
        const auto detail = jobDialog()->findChild<QTextEdit *>(u"job.detail"_s)->toPlainText();
        QVERIFY2(detail.contains(before) && detail.contains(u"new version"_s), qPrintable(detail));
        QTest::mouseClick(jobDialog()->findChild<QPushButton *>(u"job.compare"_s), Qt::LeftButton);
        auto *files = jobDialog()->findChild<QTreeWidget *>(u"catalog.compare.files"_s);
        EVENTUALLY_COMPARE(files->topLevelItemCount(), 2);
        QCOMPARE(files->topLevelItem(0)->text(0), u"main.py"_s);
        QSignalSpy edited(&m_fixture->window().desk().navigation,
                          &Navigation::editPublishedRequested);
        QTest::mouseClick(jobDialog()->findChild<QPushButton *>(u"job.edit"_s), Qt::LeftButton);
        QCOMPARE(edited.size(), 1);
        m_fixture->session().catalog().refresh();
        EVENTUALLY(model().entry(0).conflicting);
    }

    void goesOnAfterTheServerWasKilledMidWay()
    {
        QList<SkillFolder> skills;
        for (int i = 0; i < 5; ++i)
            skills.append({.name = u"skill-%1"_s.arg(i)});
        openWith(skills);
        addTeam();
        // Dead as soon as the first one is there.
        SkillTransfers &transfers = m_fixture->session().transfers();
        connect(&transfers, &SkillTransfers::started, this, [this](SkillJob *job) {
            connect(job, &SkillJob::changed, this, [this, job] {
                if (job->count(JobItem::State::Done) == 1)
                    m_server->kill();
            });
        });
        cards().setFocus();
        cards().selectAll();
        chooseInMenu(*find<QPushButton>(u"catalog.publishChosen"_s)->menu(), u"team"_s);
        EVENTUALLY(jobDialog());
        const QPointer<SkillJob> job = jobDialog()->job();
        const int done = job->count(JobItem::State::Done);
        QVERIFY(done >= 1 && done < 5);
        const auto detail = jobDialog()->findChild<QTextEdit *>(u"job.detail"_s)->toPlainText();
        QVERIFY2(detail.contains(u"server"_s) && !detail.contains(u"libcurl"_s),
                 qPrintable(detail));
        disconnect(&transfers, &SkillTransfers::started, this, nullptr);
        disconnect(job, nullptr, this, nullptr);

        QVERIFY(m_server->start());
        // Its key is a new one since.
        std::optional<bool> changed;
        m_fixture->session().remotes().add(
            &page(), m_server->remote(u"team"_s), RemoteList::Existing::Replace,
            [&](const Result<void> &added) { changed = added.has_value(); });
        EVENTUALLY(changed.has_value());
        QVERIFY(*changed);
        QTest::mouseClick(jobDialog()->findChild<QPushButton *>(u"job.retry"_s), Qt::LeftButton);
        EVENTUALLY(job && !job->hasProblems());
        EVENTUALLY(std::all_of(m_fixture->session().catalog().entries().cbegin(),
                               m_fixture->session().catalog().entries().cend(),
                               [](const CatalogEntry &entry) { return entry.at(u"team"_s); }));
    }

    void saysCalmlyThatAServerDoesNotAnswer()
    {
        openWith({{.name = u"ours"_s}});
        addTeam();
        m_server->kill();
        m_fixture->session().catalog().refresh();
        EVENTUALLY(teamState() == CatalogFeed::Source::State::Failed);
        QCOMPARE(names(), QStringList{u"ours"_s});
        QVERIFY(
            find<QToolButton>(u"catalog.server.team"_s)->toolTip().contains(u"nothing answers"_s));
        QVERIFY(!find<QWidget>(u"catalog.jobBar"_s)->isVisible());
    }

    void remembersHowItWasLookedAt()
    {
        openWith({{.name = u"a"_s}, {.name = u"b"_s}});
        click(u"catalog.table"_s);
        find<QTableView>(u"catalog.tableView"_s)
            ->sortByColumn(CatalogModel::Updated, Qt::DescendingOrder);
        EVENTUALLY_COMPARE(names(), QStringList({u"b"_s, u"a"_s}));
        page().select(u"a"_s);
        EVENTUALLY_COMPARE(shown(), u"a"_s);
        const QJsonObject state = page().saveState();
        click(u"catalog.cards"_s);
        page().select(u"b"_s);
        page().restoreState(state);
        QVERIFY(find<QTableView>(u"catalog.tableView"_s)->isVisible());
        QCOMPARE(page().saveState().value(u"sort"_s), state.value(u"sort"_s));
        EVENTUALLY_COMPARE(shown(), u"a"_s);
    }

    void isReachedFromOtherPages()
    {
        openWith({{.name = u"a"_s, .version = u"1.0.0"_s},
                  {.name = u"a"_s, .version = u"2.0.0"_s},
                  {.name = u"b"_s}});
        m_fixture->window().showPage(u"settings"_s);
        Q_EMIT m_fixture->window().desk().navigation.skillRequested(u"a"_s, u"1.0.0"_s);
        QCOMPARE(m_fixture->window().currentPage(), u"catalog"_s);
        EVENTUALLY(shown() == u"a" && find<QLabel>(u"catalog.skillVersion"_s)->text() == u"1.0.0");
        const QString folder = SkillFolder{.name = u"draft"_s}.write(m_fixture->path(u"drafts"_s));
        Q_EMIT m_fixture->window().desk().navigation.publishRequested(folder);
        EVENTUALLY(noticed(u"draft 1.0.0 imported"_s));
        EVENTUALLY_COMPARE(shown(), u"draft"_s);
    }
};

QTEST_MAIN(CatalogPageTest)
#include "test_catalog_page.moc"
