#include "app/desktop/editor/tests_panel.h"

#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QSplitter>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

TestsPanel::TestsPanel(DraftTests &tests, QWidget *parent)
    : QWidget(parent)
    , m_tests(tests)
    , m_list(new QTreeWidget)
    , m_details(new CodeView)
    , m_runAll(new QPushButton(tr("Run all")))
    , m_runOne(new QPushButton(tr("Run selected")))
    , m_stop(new QPushButton(tr("Stop")))
    , m_summary(new QLabel)
{
    m_list->setObjectName(u"editor.tests"_s);
    m_list->setAccessibleName(tr("Test cases"));
    m_list->setHeaderHidden(true);
    m_list->setColumnCount(2);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_details->setObjectName(u"editor.testDetails"_s);
    m_details->setAccessibleName(tr("What differed"));
    m_runAll->setObjectName(u"editor.runTests"_s);
    m_summary->setProperty("textRole", u"muted"_s);
    m_summary->setObjectName(u"editor.testSummary"_s);
    auto *splitter = new QSplitter;
    splitter->addWidget(m_list);
    splitter->addWidget(m_details);
    splitter->setSizes({320, 560});
    splitter->setChildrenCollapsible(false);
    m_state = new StateView(splitter);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(4);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(12, 0, 12, 0);
    row->setSpacing(8);
    row->addWidget(m_summary);
    row->addStretch();
    row->addWidget(m_runOne);
    row->addWidget(m_runAll);
    row->addWidget(m_stop);
    column->addLayout(row);
    column->addWidget(m_state, 1);
    m_stop->setEnabled(false);

    const auto want = [this](const QStringList &files) {
        for (const QString &file : files)
            setState(m_project, file, CaseState::Waiting);
        m_stop->setEnabled(true);
        Q_EMIT runWanted(files);
    };
    connect(m_runAll, &QPushButton::clicked, this, [this, want] { want(m_files); });
    connect(m_runOne, &QPushButton::clicked, this, [this, want] {
        if (const QTreeWidgetItem *item = m_list->currentItem())
            want({item->data(0, Qt::UserRole).toString()});
    });
    connect(m_stop, &QPushButton::clicked, this, [this] { m_tests.cancel(); });
    connect(m_list, &QTreeWidget::currentItemChanged, this, &TestsPanel::showCase);
    connect(m_list, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem *item) {
        Q_EMIT openWanted(item->data(0, Qt::UserRole).toString());
    });
    connect(&tests, &DraftTests::started, this,
            [this](const QString &project, const QString &file) {
                m_stop->setEnabled(true);
                setState(project, file, CaseState::Running);
            });
    connect(&tests, &DraftTests::finished, this,
            [this](const QString &project, const DraftTestResult &result) {
                m_cases[project][result.file].result = result;
                setState(project, result.file,
                         result.problems.isEmpty() ? CaseState::Passed : CaseState::Failed);
            });
    connect(&tests, &DraftTests::idle, this, [this] {
        m_stop->setEnabled(false);
        for (auto &cases : m_cases) {
            for (Case &one : cases) {
                if (one.state == CaseState::Waiting || one.state == CaseState::Running)
                    one.state = CaseState::Unknown;
            }
        }
        fill();
    });
    setProject({}, {});
}

QStringList TestsPanel::cases() const
{
    return m_files;
}

void TestsPanel::setProject(const QString &project, const QStringList &files)
{
    QStringList cases;
    for (const QString &file : files) {
        if (file.startsWith(u"tests/") && file.endsWith(u".json") && file.count(u'/') == 1)
            cases.append(file);
    }
    if (project == m_project && cases == m_files && m_state->currentIndex() == 0)
        return;
    m_project = project;
    m_files = cases;
    m_runAll->setEnabled(!cases.isEmpty());
    m_runOne->setEnabled(!cases.isEmpty());
    if (project.isEmpty()) {
        m_state->showMessage({}, tr("No skill is open"), tr("Its test cases are listed here."));
    } else if (cases.isEmpty()) {
        m_state->showMessage({}, tr("No test cases"),
                             tr("A case is an input and what should come of it, as "
                                "tests/NAME.json."),
                             tr("Write one"), [this] { Q_EMIT newCaseWanted(); });
    } else {
        m_state->showContent();
    }
    fill();
}

void TestsPanel::setState(const QString &project, const QString &file, CaseState state)
{
    m_cases[project][file].state = state;
    if (project == m_project)
        fill();
}

void TestsPanel::fill()
{
    const QString chosen = m_list->currentItem()
        ? m_list->currentItem()->data(0, Qt::UserRole).toString()
        : QString();
    const QSignalBlocker blocker(m_list);
    m_list->clear();
    int passed = 0;
    int failed = 0;
    const QHash<QString, Case> cases = m_cases.value(m_project);
    for (const QString &file : std::as_const(m_files)) {
        const Case one = cases.value(file);
        auto *item = new QTreeWidgetItem(m_list);
        const QString name = file.sliced(6).chopped(5);
        item->setText(0, name);
        item->setToolTip(0, plainToolTip(file));
        item->setData(0, Qt::UserRole, file);
        item->setForeground(1, m_theme.color(ColorRole::Muted));
        QString icon = u"play"_s;
        ColorRole role = ColorRole::BorderStrong;
        QString state = tr("not run");
        switch (one.state) {
        case CaseState::Unknown: break;
        case CaseState::Waiting: state = tr("waiting"); break;
        case CaseState::Running:
            icon = u"refresh"_s;
            role = ColorRole::Info;
            state = tr("running");
            break;
        case CaseState::Passed:
            ++passed;
            icon = u"check"_s;
            role = ColorRole::Success;
            state = tr("%1 ms").arg(one.result.duration.count());
            break;
        case CaseState::Failed:
            ++failed;
            icon = u"error"_s;
            role = ColorRole::Error;
            state = tr("failed, %1 ms").arg(one.result.duration.count());
            break;
        }
        item->setText(1, state);
        item->setData(0, Qt::AccessibleTextRole, u"%1: %2"_s.arg(name, state));
        if (!m_theme.id().isEmpty())
            item->setIcon(0, themedIcon(icon, m_theme, role));
        if (file == chosen)
            m_list->setCurrentItem(item);
    }
    if (!m_list->currentItem())
        m_list->setCurrentItem(m_list->topLevelItem(0));
    m_summary->setText(passed + failed == 0 ? (
                           m_files.size() == 1 ? tr("1 case") : tr("%1 cases").arg(m_files.size()))
                                            : tr("%1 passed, %2 failed").arg(passed).arg(failed));
    showCase();
}

void TestsPanel::showCase()
{
    const QTreeWidgetItem *item = m_list->currentItem();
    if (!item) {
        m_details->setSource({}, {});
        return;
    }
    const Case one = m_cases.value(m_project).value(item->data(0, Qt::UserRole).toString());
    QString text;
    switch (one.state) {
    case CaseState::Passed: text = tr("Everything is as expected."); break;
    case CaseState::Failed: text = one.result.problems.join(u"\n\n"_s); break;
    case CaseState::Unknown: text = tr("Not run yet."); break;
    case CaseState::Waiting:
    case CaseState::Running: text = tr("Running …"); break;
    }
    if (text != m_details->toPlainText())
        m_details->setSource(text, one.state == CaseState::Failed ? u"case.diff"_s : QString());
}

void TestsPanel::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_state->applyTheme(theme);
    m_details->applyTheme(theme);
    fill();
}

} // namespace skillbox
