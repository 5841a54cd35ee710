#include "app/desktop/catalog/skill_findings.h"

#include "app/desktop/text/markdown_view.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/state_view.h"
#include "engine/skill/rules.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QSplitter>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString placeOf(const QJsonObject &finding)
{
    const int line = finding[u"line"].toInt();
    QString place = finding[u"file"].toString();
    if (line > 0)
        place += u":%1"_s.arg(line);
    return place;
}

/// Text of a finding or rule as Markdown that says just that.
QString escaped(QString text)
{
    static const QString special = u"\\`*_{}[]<>#|!"_s;
    QString result;
    for (const QChar c : std::as_const(text)) {
        if (special.contains(c))
            result += u'\\';
        result += c;
    }
    return result;
}

} // namespace

SkillFindings::SkillFindings(QWidget *parent)
    : QWidget(parent)
    , m_list(new QTreeWidget)
    , m_help(new MarkdownView)
    , m_showFile(new QPushButton(tr("Show the file")))
    , m_edit(new QPushButton(tr("Open in the editor")))
{
    m_list->setObjectName(u"catalog.findings"_s);
    m_list->setAccessibleName(tr("Findings"));
    m_list->setHeaderLabels({tr("Finding"), tr("Where"), tr("Rule")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_list->header()->setSectionResizeMode(2, QHeaderView::ResizeToContents);
    m_help->setObjectName(u"catalog.findingHelp"_s);
    m_help->setAccessibleName(tr("Why it matters"));
    m_showFile->setObjectName(u"catalog.showFindingFile"_s);
    m_edit->setObjectName(u"catalog.editFinding"_s);
    auto *lower = new QWidget;
    auto *column = new QVBoxLayout(lower);
    column->setContentsMargins(0, 0, 0, 8);
    column->addWidget(m_help, 1);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(16, 0, 16, 0);
    line->addWidget(m_showFile);
    line->addWidget(m_edit);
    line->addStretch(1);
    column->addLayout(line);
    auto *splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(m_list);
    splitter->addWidget(lower);
    splitter->setSizes({220, 300});
    splitter->setChildrenCollapsible(false);
    m_state = new StateView(splitter);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &SkillFindings::explain);
    const auto showFile = [this] {
        if (const int row = m_list->indexOfTopLevelItem(m_list->currentItem()); row >= 0)
            Q_EMIT fileRequested(m_findings[row][u"file"].toString());
    };
    connect(m_list, &QTreeWidget::itemActivated, this, showFile);
    connect(m_showFile, &QPushButton::clicked, this, showFile);
    connect(m_edit, &QPushButton::clicked, this, &SkillFindings::editRequested);
}

void SkillFindings::show(const SkillDescription &skill)
{
    m_findings = skill.record.findings;
    m_list->clear();
    m_edit->setVisible(skill.address.source.isEmpty());
    if (m_findings.isEmpty()) {
        m_state->showMessage(u"shield"_s, tr("Nothing found"),
                             tr("The checker had nothing to say about this version when it was "
                                "published."));
        return;
    }
    for (const QJsonValue value : std::as_const(m_findings)) {
        const QJsonObject finding = value.toObject();
        const QString message = finding[u"message"].toString();
        auto *item = new QTreeWidgetItem(
            m_list, {message.left(400), placeOf(finding), finding[u"id"].toString()});
        item->setToolTip(0, plainToolTip(message.left(2000)));
    }
    drawIcons();
    m_state->showContent();
    m_list->setCurrentItem(m_list->topLevelItem(0));
}

void SkillFindings::drawIcons()
{
    if (m_theme.id().isEmpty())
        return;
    for (int row = 0; row < m_list->topLevelItemCount(); ++row) {
        const bool security = isSecurityRule(m_findings[row][u"id"].toString());
        m_list->topLevelItem(row)->setIcon(
            0,
            themedIcon(security ? u"shield"_s : u"warning"_s, m_theme,
                       security ? ColorRole::Error : ColorRole::Warning));
    }
}

void SkillFindings::explain()
{
    const int row = m_list->indexOfTopLevelItem(m_list->currentItem());
    if (row < 0) {
        m_help->setMarkdownText({});
        return;
    }
    const QJsonObject finding = m_findings[row].toObject();
    QString text = u"### "_s + escaped(finding[u"message"].toString()) + u"\n\n"_s;
    if (const QString hint = finding[u"hint"].toString(); !hint.isEmpty())
        text += escaped(hint) + u"\n\n"_s;
    if (const RuleInfo *rule = findRule(finding[u"id"].toString())) {
        const RuleHelp &help = ruleHelp(rule->rule);
        text += tr("**Why it matters.** ") + QString::fromUtf8(help.why) + u"\n\n"_s
            + tr("**What to do.** ") + QString::fromUtf8(help.fix) + u'\n';
    }
    m_help->setMarkdownText(text);
    m_showFile->setEnabled(!finding[u"file"].toString().isEmpty());
}

void SkillFindings::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_state->applyTheme(theme);
    m_help->applyTheme(theme);
    drawIcons();
}

} // namespace skillbox
