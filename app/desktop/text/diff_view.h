#pragma once

#include "app/desktop/theme/theme.h"

#include <QWidget>

namespace skillbox {

class CodeView;

/// Two texts and what differs between them. GUI thread.
class DiffView : public QWidget
{
    Q_OBJECT

public:
    explicit DiffView(QWidget *parent = nullptr);
    /// `fileName` chooses the language.
    void setTexts(const QString &leftTitle, const QString &left, const QString &rightTitle,
                  const QString &right, const QString &fileName = {});
    void applyTheme(const Theme &theme);

private:
    CodeView *m_left;
    CodeView *m_right;
};

} // namespace skillbox
