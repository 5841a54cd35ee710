#include "app/desktop/editor/banner.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QStyle>

using namespace Qt::StringLiterals;

namespace skillbox {

Banner::Banner(QWidget *parent)
    : QFrame(parent)
    , m_text(new QLabel)
    , m_row(new QHBoxLayout(this))
{
    setObjectName(u"editor.banner"_s);
    m_row->setContentsMargins(12, 6, 8, 6);
    m_row->setSpacing(8);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_row->addWidget(m_text, 1);
    hide();
}

void Banner::show(const QString &id, Kind kind, const QString &text, const QList<Action> &actions)
{
    m_id = id;
    m_text->setText(text);
    setAccessibleName(text);
    setProperty("banner", kind == Kind::Error       ? u"error"_s
                          : kind == Kind::Warning ? u"warning"_s
                                                  : u"info"_s);
    qDeleteAll(m_buttons);
    m_buttons.clear();
    for (const Action &action : actions) {
        auto *button = new QPushButton(action.title, this);
        button->setProperty("kind", u"flat"_s);
        // Later: the action may replace this very button.
        connect(button, &QPushButton::clicked, this, action.run, Qt::QueuedConnection);
        m_row->addWidget(button);
        m_buttons.append(button);
    }
    style()->unpolish(this);
    style()->polish(this);
    QFrame::show();
}

void Banner::dismiss(const QString &id)
{
    if (m_id == id) {
        m_id.clear();
        hide();
    }
}

} // namespace skillbox
