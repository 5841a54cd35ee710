#include "app/desktop/editor/problems_panel.h"

#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
ProblemsPanel::ProblemsPanel(QWidget *parent)
    : QWidget(parent)
    , m_table(new QTreeView)
    , m_severity(new QComboBox)
    , m_profile(new QComboBox)
    , m_fixAll(new QPushButton(tr("Fix all safe")))
    , m_summary(new QLabel)
{
    m_sorted.setSourceModel(&m_model);
    m_sorted.setSortRole(ProblemsModel::SortRole);
    m_sorted.setFilterRole(ProblemsModel::SeverityRole);
    m_table->setModel(&m_sorted);
    m_table->setObjectName(u"editor.problems"_s);
    m_table->setAccessibleName(tr("Problems"));
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder); // the checker's own order: by file and line
    m_table->setAllColumnsShowFocus(true);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->header()->setStretchLastSection(false);
    m_table->header()->setSectionResizeMode(ProblemsModel::MessageColumn, QHeaderView::Stretch);
    m_table->header()->resizeSection(ProblemsModel::FileColumn, 160);
    m_table->header()->resizeSection(ProblemsModel::LineColumn, 64);
    m_table->header()->resizeSection(ProblemsModel::RuleColumn, 140);
    m_state = new StateView(m_table);

    m_severity->addItem(tr("All"), u"[012]"_s);
    m_severity->addItem(tr("Warnings and errors"), u"[12]"_s);
    m_severity->addItem(tr("Errors"), u"2"_s);
    m_severity->setAccessibleName(tr("Severity shown"));
    m_profile->addItem(tr("Skillbox rules"), static_cast<int>(LintProfile::Skillbox));
    m_profile->addItem(tr("Agent Skills specification"),
                       static_cast<int>(LintProfile::AgentSkills));
    m_profile->setAccessibleName(tr("Rules"));
    m_profile->setObjectName(u"editor.profile"_s);
    m_fixAll->setObjectName(u"editor.fixAll"_s);
    m_fixAll->setEnabled(false);
    m_summary->setProperty("textRole", u"muted"_s);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(4);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(12, 0, 12, 0);
    row->setSpacing(8);
    row->addWidget(m_summary);
    row->addStretch();
    row->addWidget(m_severity);
    row->addWidget(m_profile);
    row->addWidget(m_fixAll);
    column->addLayout(row);
    column->addWidget(m_state, 1);

    connect(m_severity, &QComboBox::currentIndexChanged, this,
            [this] { m_sorted.setFilterRegularExpression(m_severity->currentData().toString()); });
    connect(m_profile, &QComboBox::currentIndexChanged, this, &ProblemsPanel::profileChanged);
    connect(m_fixAll, &QPushButton::clicked, this, &ProblemsPanel::fixAllWanted);
    const auto activate = [this] {
        if (const auto finding = current())
            Q_EMIT activated(*finding);
    };
    connect(m_table, &QTreeView::clicked, this, activate);
    connect(m_table, &QTreeView::activated, this, activate);
    connect(m_table, &QTreeView::customContextMenuRequested, this, &ProblemsPanel::openMenu);
    showNothing();
}

LintProfile ProblemsPanel::profile() const
{
    return static_cast<LintProfile>(m_profile->currentData().toInt());
}

void ProblemsPanel::showNothing()
{
    m_model.setFindings({});
    m_summary->clear();
    m_fixAll->setEnabled(false);
    m_state->showMessage({}, tr("Nothing is checked"),
                         tr("Open a skill: what is wrong with it is listed here while you type."));
}

void ProblemsPanel::setReport(const LintReport &report)
{
    const QList<Finding> &findings = report.findings;
    const auto before = current();
    m_model.setFindings(findings);
    const auto fixes = std::count_if(findings.cbegin(), findings.cend(), [](const Finding &one) {
        return one.fix && one.fix->safety == FixSafety::Safe && !one.fix->edits.isEmpty();
    });
    m_fixAll->setEnabled(fixes > 0);
    m_fixAll->setText(fixes > 0 ? tr("Fix all safe (%1)").arg(fixes) : tr("Fix all safe"));
    const auto counted = [](int count, const QString &one, const QString &many) {
        return count == 1 ? one : many.arg(count);
    };
    QStringList parts{counted(m_model.count(Severity::Error), tr("1 error"), tr("%1 errors")),
                      counted(m_model.count(Severity::Warning), tr("1 warning"), tr("%1 warnings")),
                      counted(m_model.count(Severity::Info), tr("1 hint"), tr("%1 hints"))};
    if (!report.suppressed.isEmpty())
        parts.append(tr("%1 suppressed").arg(report.suppressed.size()));
    if (!report.notParsed.isEmpty())
        parts.append(tr("scripts not parsed"));
    setPlainToolTip(*m_summary, report.notParsed);
    m_summary->setText(parts.join(u" · "_s));
    if (findings.isEmpty()) {
        m_state->showMessage(u"check"_s, tr("No problems"),
                             tr("The checker has nothing against this skill."));
        return;
    }
    m_state->showContent();
    if (!before)
        return;
    for (int row = 0; row < m_sorted.rowCount(); ++row) {
        const Finding &one = m_model.findings().at(
            m_sorted.mapToSource(m_sorted.index(row, 0)).row());
        if (one.fingerprint == before->fingerprint && one.id == before->id) {
            m_table->setCurrentIndex(m_sorted.index(row, 0));
            break;
        }
    }
}

std::optional<Finding> ProblemsPanel::current() const
{
    const QModelIndex index = m_sorted.mapToSource(m_table->currentIndex());
    if (!index.isValid() || index.row() >= m_model.findings().size())
        return std::nullopt;
    return m_model.findings().at(index.row());
}

void ProblemsPanel::step(int direction)
{
    const int rows = m_sorted.rowCount();
    if (rows == 0)
        return;
    const QModelIndex now = m_table->currentIndex();
    const int row = !now.isValid() ? (direction > 0 ? 0 : rows - 1)
                                   : (now.row() + direction + rows) % rows;
    m_table->setCurrentIndex(m_sorted.index(row, 0));
    if (const auto finding = current())
        Q_EMIT activated(*finding);
}

void ProblemsPanel::openMenu(const QPoint &place)
{
    const auto finding = current();
    if (!finding)
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (finding->fix) {
        menu->addAction(finding->fix->title, this,
                        [this, finding = *finding] { Q_EMIT fixWanted(finding); });
    }
    if (finding->range.line > 0) {
        menu->addAction(tr("Suppress %1 here …").arg(finding->id), this,
                        [this, finding = *finding] { Q_EMIT suppressWanted(finding); });
    }
    menu->addAction(tr("Explain %1").arg(finding->id), this,
                    [this, finding = *finding] { Q_EMIT explainWanted(finding); });
    menu->popup(m_table->viewport()->mapToGlobal(place));
}

void ProblemsPanel::applyTheme(const Theme &theme)
{
    m_model.applyTheme(theme);
    m_state->applyTheme(theme);
}

} // namespace skillbox
