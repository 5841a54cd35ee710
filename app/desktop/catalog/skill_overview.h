#pragma once

#include "app/desktop/session/skill_reader.h"
#include "app/desktop/theme/theme.h"

#include <QScrollArea>
#include <QVBoxLayout>

namespace skillbox {

class MarkdownView;

/// A version's instructions, and beside them what its manifest and its record say.
class SkillOverview : public QWidget
{
    Q_OBJECT

public:
    explicit SkillOverview(QWidget *parent = nullptr);
    void show(const SkillDescription &skill);
    void applyTheme(const Theme &theme);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void addFact(const QString &title, const QString &value, const QString &role = {});

    MarkdownView *m_text;
    QScrollArea *m_side;
    QVBoxLayout *m_facts;
    QString m_digest; ///< of what is shown
};

} // namespace skillbox
