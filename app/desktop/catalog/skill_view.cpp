#include "app/desktop/catalog/skill_view.h"

#include "app/desktop/session/desktop_session.h"

#include <QFile>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A file larger than this is shown cut.
constexpr qint64 mostShown = 512 << 10;

QLabel *badge(const QString &kind)
{
    auto *label = new QLabel;
    label->setProperty("badge", kind);
    label->setTextFormat(Qt::PlainText);
    return label;
}

} // namespace

SkillView::SkillView(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_name(new QLabel)
    , m_version(badge(u"plain"_s))
    , m_language(badge(u"plain"_s))
    , m_status(badge(u"warning"_s))
    , m_description(new QLabel)
    , m_instructions(new QTextBrowser)
    , m_files(new QTreeWidget)
    , m_source(new QPlainTextEdit)
    , m_versions(new QTableWidget)
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(24, 20, 24, 0);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    m_name->setProperty("textRole", u"title"_s);
    m_name->setTextFormat(Qt::PlainText);
    m_name->setTextInteractionFlags(Qt::TextSelectableByMouse);
    head->addWidget(m_name);
    for (QLabel *label : {m_version, m_language, m_status})
        head->addWidget(label, 0, Qt::AlignVCenter);
    head->addStretch(1);
    m_description->setWordWrap(true);
    m_description->setTextFormat(Qt::PlainText);
    m_description->setProperty("textRole", u"muted"_s);
    m_description->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addLayout(head);
    column->addWidget(m_description);
    column->addSpacing(8);

    // Skills are not trusted: no link is followed and no image is loaded.
    m_instructions->setOpenLinks(false);
    m_instructions->setProperty("frame", u"none"_s);
    m_instructions->document()->setDocumentMargin(16);
    m_instructions->setAccessibleName(tr("Instructions"));
    m_files->setHeaderHidden(true);
    m_files->setAccessibleName(tr("Files"));
    m_source->setReadOnly(true);
    m_source->setProperty("frame", u"none"_s);
    m_source->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_source->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_source->setAccessibleName(tr("The chosen file"));
    auto *files = new QSplitter;
    files->addWidget(m_files);
    files->addWidget(m_source);
    files->setStretchFactor(1, 1);
    files->setSizes({220, 500});
    m_versions->setColumnCount(4);
    m_versions->setHorizontalHeaderLabels(
        {tr("Version"), tr("Published"), tr("By"), tr("Status")});
    m_versions->horizontalHeader()->setStretchLastSection(true);
    m_versions->verticalHeader()->hide();
    m_versions->setShowGrid(false);
    m_versions->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_versions->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_versions->setAccessibleName(tr("Versions"));
    auto *tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->addTab(m_instructions, tr("Instructions"));
    tabs->addTab(files, tr("Files"));
    tabs->addTab(m_versions, tr("Versions"));
    column->addWidget(tabs, 1);

    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    connect(m_files, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem *item) {
        if (item)
            showFile(item->data(0, Qt::UserRole).toString());
    });
    showNothing();
}

void SkillView::showNothing()
{
    ++m_question;
    m_state->showMessage(u"skill"_s, tr("No skill chosen"),
                         tr("Choose one at the left to read its instructions and files."));
}

void SkillView::show(const QString &name, const QString &version)
{
    const int question = ++m_question;
    m_desk.session.skills().details(
        this, name, version, [this, question](const Result<SkillDetails> &details) {
            if (question != m_question)
                return; // another one was chosen meanwhile
            if (details)
                fill(*details);
            else
                m_state->showMessage(u"error"_s, tr("This skill cannot be shown"),
                                     details.error().message);
        });
}

void SkillView::fill(const SkillDetails &details)
{
    m_details = details;
    const SkillVersionRecord &record = details.record;
    m_name->setText(record.name);
    m_version->setText(record.version);
    m_language->setText(record.language.isEmpty() ? tr("instructions only") : record.language);
    m_status->setVisible(record.yankedAt.isValid());
    m_status->setText(tr("yanked"));
    m_description->setText(record.description);
    m_instructions->setMarkdown(record.instructions);

    m_files->clear();
    m_source->clear();
    QMap<QString, QTreeWidgetItem *> folders;
    QTreeWidgetItem *first = nullptr;
    for (const QString &path : details.files) {
        QTreeWidgetItem *parent = nullptr;
        for (qsizetype slash = path.indexOf(u'/'); slash > 0; slash = path.indexOf(u'/', slash + 1)) {
            const QString folder = path.left(slash);
            QTreeWidgetItem *&item = folders[folder];
            if (!item) {
                item = parent ? new QTreeWidgetItem(parent) : new QTreeWidgetItem(m_files);
                item->setText(0, folder.section(u'/', -1));
            }
            parent = item;
        }
        auto *item = parent ? new QTreeWidgetItem(parent) : new QTreeWidgetItem(m_files);
        item->setText(0, path.section(u'/', -1));
        item->setData(0, Qt::UserRole, path);
        if (path == "SKILL.md"_L1)
            first = item;
    }
    m_files->expandAll();
    if (first)
        m_files->setCurrentItem(first);

    m_versions->setRowCount(static_cast<int>(details.versions.size()));
    for (int row = 0; row < details.versions.size(); ++row) {
        const SkillVersionRecord &version = details.versions.at(row);
        const QStringList cells{
            version.version,
            QLocale().toString(version.publishedAt.toLocalTime(), QLocale::ShortFormat),
            version.publishedBy,
            version.yankedAt.isValid() ? tr("yanked") : tr("available"),
        };
        for (int column = 0; column < cells.size(); ++column)
            m_versions->setItem(row, column, new QTableWidgetItem(cells.at(column)));
    }
    m_versions->resizeColumnsToContents();
    m_state->showContent();
}

void SkillView::showFile(const QString &path)
{
    if (path.isEmpty())
        return;
    QFile file(m_details.directory + u'/' + path);
    if (!file.open(QIODevice::ReadOnly)) {
        m_source->setPlainText(tr("Cannot read %1: %2").arg(path, file.errorString()));
        return;
    }
    const QByteArray bytes = file.read(mostShown);
    if (bytes.contains('\0')) {
        m_source->setPlainText(tr("%1 is binary, %2 bytes").arg(path).arg(file.size()));
        return;
    }
    QString text = QString::fromUtf8(bytes);
    if (file.size() > mostShown)
        text += tr("\n… %1 bytes more").arg(file.size() - mostShown);
    m_source->setPlainText(text);
}

void SkillView::applyTheme(const Theme &theme)
{
    m_state->applyTheme(theme);
}

} // namespace skillbox
