#include "app/desktop/catalog/chosen_bar.h"

#include <QGridLayout>
#include <QHBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

ChosenBar::ChosenBar(QWidget *parent)
    : QFrame(parent)
    , m_text(new QLabel)
    , m_publish(new QPushButton(tr("Publish to")))
    , m_publishMenu(new QMenu(this))
    , m_pull(new QPushButton(tr("Take over")))
    , m_export(new QPushButton(tr("Export …")))
    , m_yank(new QPushButton(tr("Yank")))
    , m_delete(new QPushButton(tr("Delete …")))
{
    setObjectName(u"catalog.chosenBar"_s);
    setProperty("surface", u"bar"_s);
    m_text->setObjectName(u"catalog.chosenCount"_s);
    m_publish->setMenu(m_publishMenu);
    m_publish->setProperty("menuArrow", u"own"_s);
    m_publish->setObjectName(u"catalog.publishChosen"_s);
    m_pull->setObjectName(u"catalog.pullChosen"_s);
    m_export->setObjectName(u"catalog.exportChosen"_s);
    m_yank->setObjectName(u"catalog.yankChosen"_s);
    m_delete->setObjectName(u"catalog.deleteChosen"_s);
    m_delete->setProperty("kind", u"danger"_s);
    auto *clear = new QPushButton(tr("Clear"));
    clear->setProperty("kind", u"flat"_s);
    clear->setObjectName(u"catalog.clearChosen"_s);
    clear->setAccessibleName(tr("Choose nothing"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(16, 8, 8, 8);
    column->setSpacing(4);
    auto *title = new QHBoxLayout;
    title->addWidget(m_text, 1);
    title->addWidget(clear);
    column->addLayout(title);
    auto *line = new QHBoxLayout;
    line->setSpacing(4);
    for (QPushButton *button : {m_publish, m_pull, m_export, m_yank, m_delete})
        line->addWidget(button);
    line->addStretch(1);
    column->addLayout(line);
    connect(m_pull, &QPushButton::clicked, this, &ChosenBar::pullRequested);
    connect(m_export, &QPushButton::clicked, this, &ChosenBar::exportRequested);
    connect(m_yank, &QPushButton::clicked, this, &ChosenBar::yankRequested);
    connect(m_delete, &QPushButton::clicked, this, &ChosenBar::deleteRequested);
    connect(clear, &QPushButton::clicked, this, &ChosenBar::clearRequested);
    hide();
}

void ChosenBar::setCounts(qsizetype all, qsizetype local, qsizetype remote)
{
    setVisible(all > 1);
    QString text = tr("%1 skills chosen").arg(all);
    if (local < all)
        text += tr("  ·  %1 on this machine").arg(local);
    m_text->setText(text);
    for (QPushButton *button : {m_publish, m_export, m_yank, m_delete})
        button->setVisible(local > 0);
    m_pull->setVisible(remote > 0);
}

} // namespace skillbox
