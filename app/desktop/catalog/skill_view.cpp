#include "app/desktop/catalog/skill_view.h"

#include "app/desktop/catalog/catalog_model.h"
#include "app/desktop/catalog/skill_files.h"
#include "app/desktop/catalog/skill_findings.h"
#include "app/desktop/catalog/skill_overview.h"
#include "app/desktop/catalog/skill_runs.h"
#include "app/desktop/catalog/skill_versions.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/elided_label.h"
#include "app/desktop/widgets/state_view.h"

#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int descriptionLines = 3;

} // namespace

SkillView::SkillView(const Desk &desk, CatalogActions &actions, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_actions(actions)
    , m_name(new ElidedLabel)
    , m_version(badgeLabel({}))
    , m_language(badgeLabel({}))
    , m_status(badgeLabel({}, u"warning"_s))
    , m_description(textLabel({}, u"muted"_s))
    , m_places(new QHBoxLayout)
    , m_placeLine(new QWidget)
    , m_run(new QPushButton(tr("Run")))
    , m_edit(new QPushButton(tr("Edit")))
    , m_pull(new QPushButton(tr("Take over")))
    , m_publish(new QPushButton(tr("Publish to")))
    , m_publishMenu(new QMenu(m_publish))
    , m_more(new QToolButton)
    , m_moreMenu(new QMenu(m_more))
    , m_tabs(new QTabWidget)
    , m_overview(new SkillOverview)
    , m_files(new SkillFiles(desk))
    , m_versions(new SkillVersions(desk, actions))
    , m_findings(new SkillFindings)
    , m_runs(new SkillRuns(desk))
{
    setObjectName(u"catalog.skill"_s);
    m_name->setObjectName(u"catalog.skillName"_s);
    m_version->setObjectName(u"catalog.skillVersion"_s);
    m_status->setObjectName(u"catalog.skillStatus"_s);
    m_name->setProperty("textRole", u"title"_s);
    m_description->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_description->setMaximumHeight(descriptionLines * fontMetrics().lineSpacing() + 4);
    m_run->setProperty("kind", u"primary"_s);
    m_run->setObjectName(u"catalog.run"_s);
    m_edit->setObjectName(u"catalog.edit"_s);
    m_edit->setToolTip(tr("Make a working copy and open it in the editor"));
    m_pull->setProperty("kind", u"primary"_s);
    m_pull->setObjectName(u"catalog.pull"_s);
    m_pull->setToolTip(tr("Publish this version on this machine, so that it can be run here"));
    m_publish->setObjectName(u"catalog.publish"_s);
    m_publish->setMenu(m_publishMenu);
    m_publish->setProperty("menuArrow", u"own"_s);
    m_publish->setLayoutDirection(Qt::RightToLeft); // the arrow behind the text
    m_more->setProperty("menuArrow", u"own"_s);
    m_more->setObjectName(u"catalog.more"_s);
    m_more->setAccessibleName(tr("More actions"));
    m_more->setToolTip(tr("More actions"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(m_moreMenu);
    m_tabs->setObjectName(u"catalog.tabs"_s);
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_overview, tr("Instructions"));
    m_tabs->addTab(m_files, tr("Files"));
    m_tabs->addTab(m_versions, tr("Versions"));
    m_tabs->addTab(m_findings, tr("Findings"));
    m_tabs->addTab(m_runs, tr("Runs"));

    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *head = new QVBoxLayout;
    head->setContentsMargins(24, 16, 16, 8);
    head->setSpacing(8);
    auto *title = new QHBoxLayout;
    title->setSpacing(8);
    title->addWidget(m_name, 1);
    for (QWidget *button :
         std::initializer_list<QWidget *>{m_run, m_pull, m_edit, m_publish, m_more})
        title->addWidget(button);
    head->addLayout(title);
    auto *facts = new QHBoxLayout;
    facts->setSpacing(8);
    for (QLabel *label : {m_version, m_language, m_status})
        facts->addWidget(label);
    m_placeLine->setLayout(m_places);
    m_places->setContentsMargins(8, 0, 0, 0);
    m_places->setSpacing(4);
    facts->addWidget(m_placeLine);
    facts->addStretch(1);
    head->addLayout(facts);
    head->addWidget(m_description);
    column->addLayout(head);
    column->addWidget(m_tabs, 1);
    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);

    connect(m_run, &QPushButton::clicked, this, [this] { m_actions.run(chosen()); });
    connect(m_edit, &QPushButton::clicked, this, [this] { m_actions.edit(chosen()); });
    connect(m_pull, &QPushButton::clicked, this,
            [this] { m_actions.pull({chosen()}, m_address.source); });
    connect(m_publishMenu, &QMenu::aboutToShow, this, [this] {
        m_actions.fillServerMenu(*m_publishMenu, [this](const QString &server) {
            m_actions.publish({chosen()}, server);
        });
    });
    connect(m_moreMenu, &QMenu::aboutToShow, this, &SkillView::fillMenu);
    connect(m_versions, &SkillVersions::versionRequested, this, [this](const QString &version) {
        load({m_address.source, m_address.name, version});
        showTab(Overview);
    });
    connect(m_findings, &SkillFindings::fileRequested, this, [this](const QString &path) {
        showTab(Files);
        m_files->showFile(path);
    });
    connect(m_findings, &SkillFindings::editRequested, this, [this] { m_actions.edit(chosen()); });
    connect(m_runs, &SkillRuns::runRequested, this, [this] { m_actions.run(chosen()); });
    connect(&m_placeButtons, &QButtonGroup::idClicked, this, [this](int index) {
        if (index < m_entry.places.size())
            load({m_entry.places[index].source, m_entry.name, {}});
    });
    showNothing();
}

ChosenSkill SkillView::chosen() const
{
    return {m_address.source, m_address.name, m_address.version};
}

void SkillView::showNothing()
{
    ++m_question;
    m_address = {};
    m_entry = {};
    m_state->showMessage(u"skill"_s, tr("No skill chosen"),
                         tr("Choose one at the left to read its instructions and files."));
}

void SkillView::show(const CatalogEntry &entry)
{
    const bool same = entry.name == m_entry.name && entry.at(m_address.source);
    m_entry = entry;
    if (same)
        load({m_address.source, entry.name, {}});
    else
        load({entry.main().source, entry.name, entry.main().newest.version});
}

void SkillView::showVersion(const CatalogEntry &entry, const QString &source,
                            const QString &version)
{
    m_entry = entry;
    load({source, entry.name, version});
}

void SkillView::refresh()
{
    if (!m_address.name.isEmpty())
        load(m_address);
}

void SkillView::load(const SkillAddress &address)
{
    const bool another = address.name != m_address.name || address.source != m_address.source;
    m_address = address;
    const int question = ++m_question;
    // What is shown stays until the answer: most come within a few milliseconds.
    if (another && !address.source.isEmpty())
        m_state->showLoading(tr("Asking %1 …").arg(address.source));
    m_desk.session.reader().describe(
        this, address, [this, question](const Result<SkillDescription> &skill) {
            if (question != m_question)
                return;
            if (skill) {
                fill(*skill);
            } else {
                m_state->showMessage(u"error"_s, tr("This skill cannot be shown"),
                                     skill.error().message, tr("Try again"), [this] { refresh(); });
            }
        });
}

void SkillView::fill(const SkillDescription &skill)
{
    m_skill = skill;
    m_address = skill.address;
    const SkillVersionRecord &record = skill.record;
    const bool local = m_address.source.isEmpty();
    const bool yanked = record.yankedAt.isValid();
    m_name->setText(record.name);
    setPlainToolTip(*m_name, record.name);
    m_version->setText(record.version);
    m_language->setText(CatalogModel::languageTitle(record.language));
    m_status->setVisible(yanked);
    m_status->setText(tr("yanked"));
    setPlainToolTip(*m_status, record.yankReason);
    m_description->setText(record.description);
    setPlainToolTip(*m_description, record.description.left(2000));
    m_run->setVisible(local);
    m_run->setEnabled(!yanked && record.mode != "cognitive"_L1);
    m_run->setToolTip(record.mode == "cognitive"_L1
                          ? tr("It has instructions only: there is nothing to run")
                          : yanked ? tr("A yanked version does not run")
                                   : QString());
    m_edit->setVisible(local);
    m_pull->setVisible(!local);
    m_publish->setVisible(local);
    m_tabs->setTabText(Versions,
                       skill.versions.size() > 1 ? tr("Versions (%1)").arg(skill.versions.size())
                                                 : tr("Versions"));
    m_tabs->setTabText(Findings,
                       record.findings.isEmpty() ? tr("Findings")
                                                 : tr("Findings (%1)").arg(record.findings.size()));
    fillPlaces();
    m_overview->show(skill);
    m_files->show(skill);
    m_versions->show(skill);
    m_findings->show(skill);
    m_runs->show(skill);
    m_state->showContent();
}

void SkillView::fillPlaces()
{
    const QList<QAbstractButton *> old = m_placeButtons.buttons();
    for (QAbstractButton *button : old) {
        m_placeButtons.removeButton(button);
        button->deleteLater();
    }
    m_placeLine->setVisible(m_entry.places.size() > 1 || !m_address.source.isEmpty());
    for (int i = 0; i < m_entry.places.size(); ++i) {
        const SkillPlace &place = m_entry.places[i];
        auto *button = new QToolButton;
        button->setCheckable(true);
        button->setText(
            u"%1  %2"_s.arg(CatalogModel::sourceTitle(place.source), place.newest.version));
        button->setToolTip(tr("Show the skill as it is there"));
        button->setObjectName(u"catalog.place."_s + place.source);
        button->setChecked(place.source == m_address.source);
        m_placeButtons.addButton(button, i);
        m_places->addWidget(button);
    }
}

void SkillView::fillMenu()
{
    m_moreMenu->clear();
    const bool local = m_address.source.isEmpty();
    const ChosenSkill skill = chosen();
    m_moreMenu->addAction(tr("Copy name"), this, [this, skill] { m_actions.copyName(skill); });
    m_moreMenu->addAction(tr("Copy reference"), this,
                          [this, skill] { m_actions.copyReference(skill); });
    m_moreMenu->addAction(tr("Copy reference with digest"), this,
                          [this, skill] { m_actions.copyReference(skill, m_skill.record.digest); });
    if (!local)
        return;
    m_moreMenu->addSeparator();
    m_moreMenu->addAction(tr("Export as zip …"), this,
                          [this, skill] { m_actions.exportSkills({skill}); });
    const bool yanked = m_skill.record.yankedAt.isValid();
    m_moreMenu->addAction(yanked ? tr("Bring back") : tr("Yank"), this,
                          [this, skill, yanked] { m_actions.setYanked({skill}, !yanked); });
    m_moreMenu->addSeparator();
    m_moreMenu->addAction(tr("Delete this version …"), this, [this, skill] {
        m_actions.remove({skill}, CatalogActions::Extent::Versions);
    });
    m_moreMenu->addAction(tr("Delete the skill …"), this, [this, skill] {
        m_actions.remove({skill}, CatalogActions::Extent::WholeSkills);
    });
}

void SkillView::applyTheme(const Theme &theme)
{
    m_more->setIcon(themedIcon(u"more"_s, theme));
    m_publish->setIcon(themedIcon(u"chevron_down"_s, theme, ColorRole::Muted));
    m_run->setIcon(themedIcon(u"play"_s, theme, ColorRole::OnAccent));
    m_pull->setIcon(themedIcon(u"download"_s, theme, ColorRole::OnAccent));
    m_state->applyTheme(theme);
    m_overview->applyTheme(theme);
    m_files->applyTheme(theme);
    m_versions->applyTheme(theme);
    m_findings->applyTheme(theme);
    m_runs->applyTheme(theme);
}

} // namespace skillbox
