#include "app/desktop/catalog/skill_overview.h"

#include "app/desktop/text/markdown_view.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLocale>
#include <QResizeEvent>
#include <QScrollBar>

#include <utility>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int sideWidth = 232;
/// Below this the facts would leave too little for the text.
constexpr int narrow = 560;
constexpr qsizetype longestFact = 600;

QString textOf(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    if (value.isDouble() || value.isBool())
        return value.toVariant().toString();
    if (value.isArray()) {
        QStringList parts;
        for (const QJsonValue part : value.toArray())
            parts.append(textOf(part));
        return parts.join(u", "_s);
    }
    if (value.isObject()) {
        QStringList parts;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            parts.append(u"%1: %2"_s.arg(it.key(), textOf(it.value())));
        return parts.join(u'\n');
    }
    return {};
}

} // namespace

SkillOverview::SkillOverview(QWidget *parent)
    : QWidget(parent)
    , m_text(new MarkdownView)
    , m_side(new QScrollArea)
    , m_facts(new QVBoxLayout)
{
    m_text->setObjectName(u"catalog.instructions"_s);
    m_text->setAccessibleName(tr("Instructions"));
    m_side->setObjectName(u"catalog.facts"_s);
    m_side->setAccessibleName(tr("Facts"));
    m_side->setFrameShape(QFrame::NoFrame);
    m_side->setWidgetResizable(true);
    m_side->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_side->setFixedWidth(sideWidth);
    auto *content = new QWidget;
    content->setLayout(m_facts);
    m_facts->setContentsMargins(16, 16, 16, 16);
    m_facts->setSpacing(2);
    m_side->setWidget(content);
    auto *line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(0);
    line->addWidget(m_text, 1);
    line->addWidget(m_side);
}

void SkillOverview::addFact(const QString &title, const QString &value, const QString &role)
{
    if (value.isEmpty())
        return;
    m_facts->addWidget(textLabel(title, u"muted"_s));
    QLabel *text = textLabel(value.left(longestFact), role);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    setPlainToolTip(*text, value.left(longestFact));
    m_facts->addWidget(text);
    m_facts->addSpacing(8);
}

void SkillOverview::show(const SkillDescription &skill)
{
    const SkillVersionRecord &record = skill.record;
    if (std::exchange(m_digest, record.digest) != record.digest) {
        m_text->setMarkdownText(record.instructions.isEmpty() ? tr("*No instructions.*")
                                                              : record.instructions);
        // From its beginning, also when it is first shown: that goes to where the cursor is.
        m_text->moveCursor(QTextCursor::Start);
        m_text->verticalScrollBar()->setValue(0);
    }
    while (QLayoutItem *item = m_facts->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const QLocale locale;
    const QJsonObject &manifest = record.manifest;
    addFact(tr("Published"),
            locale.toString(record.publishedAt.toLocalTime(), QLocale::ShortFormat));
    addFact(tr("By"), record.publishedBy);
    if (record.yankedAt.isValid()) {
        addFact(tr("Yanked"), locale.toString(record.yankedAt.toLocalTime(), QLocale::ShortFormat));
        addFact(tr("Because"), record.yankReason);
    }
    addFact(tr("Content"), record.digest.left(19) + u'…', u"code"_s);
    if (record.archiveBytes > 0)
        addFact(tr("Archive"), locale.formattedDataSize(record.archiveBytes));
    const std::pair<QString, QString> known[] = {{u"license"_s, tr("Licence")},
                                                 {u"compatibility"_s, tr("Compatibility")},
                                                 {u"entrypoint"_s, tr("Runs")},
                                                 {u"image"_s, tr("Image")},
                                                 {u"timeout"_s, tr("Time limit")},
                                                 {u"resources"_s, tr("Resources")},
                                                 {u"allowed_tools"_s, tr("Allowed tools")},
                                                 {u"metadata"_s, tr("Metadata")}};
    for (const auto &[key, title] : known)
        addFact(title, textOf(manifest.value(key)));
    m_facts->addStretch(1);
}

void SkillOverview::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_side->setVisible(event->size().width() >= narrow);
}

void SkillOverview::applyTheme(const Theme &theme)
{
    m_text->applyTheme(theme);
}

} // namespace skillbox
