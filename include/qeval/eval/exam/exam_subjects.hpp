// The subjects of MMLU (57) and C-Eval (52), with the categories that their authors' tables use.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace qeval {

struct exam_subject {
    std::string_view name;     // in file names
    std::string_view category; // of the authors' own tables
    std::string_view title;    // as prompts call it: C-Eval's Chinese name; empty: the name with spaces
};

inline constexpr std::array<exam_subject, 57> mmlu_subjects = {{
    {"abstract_algebra", "STEM", ""},
    {"anatomy", "Other", ""},
    {"astronomy", "STEM", ""},
    {"business_ethics", "Other", ""},
    {"clinical_knowledge", "Other", ""},
    {"college_biology", "STEM", ""},
    {"college_chemistry", "STEM", ""},
    {"college_computer_science", "STEM", ""},
    {"college_mathematics", "STEM", ""},
    {"college_medicine", "Other", ""},
    {"college_physics", "STEM", ""},
    {"computer_security", "STEM", ""},
    {"conceptual_physics", "STEM", ""},
    {"econometrics", "Social sciences", ""},
    {"electrical_engineering", "STEM", ""},
    {"elementary_mathematics", "STEM", ""},
    {"formal_logic", "Humanities", ""},
    {"global_facts", "Other", ""},
    {"high_school_biology", "STEM", ""},
    {"high_school_chemistry", "STEM", ""},
    {"high_school_computer_science", "STEM", ""},
    {"high_school_european_history", "Humanities", ""},
    {"high_school_geography", "Social sciences", ""},
    {"high_school_government_and_politics", "Social sciences", ""},
    {"high_school_macroeconomics", "Social sciences", ""},
    {"high_school_mathematics", "STEM", ""},
    {"high_school_microeconomics", "Social sciences", ""},
    {"high_school_physics", "STEM", ""},
    {"high_school_psychology", "Social sciences", ""},
    {"high_school_statistics", "STEM", ""},
    {"high_school_us_history", "Humanities", ""},
    {"high_school_world_history", "Humanities", ""},
    {"human_aging", "Other", ""},
    {"human_sexuality", "Social sciences", ""},
    {"international_law", "Humanities", ""},
    {"jurisprudence", "Humanities", ""},
    {"logical_fallacies", "Humanities", ""},
    {"machine_learning", "STEM", ""},
    {"management", "Other", ""},
    {"marketing", "Other", ""},
    {"medical_genetics", "Other", ""},
    {"miscellaneous", "Other", ""},
    {"moral_disputes", "Humanities", ""},
    {"moral_scenarios", "Humanities", ""},
    {"nutrition", "Other", ""},
    {"philosophy", "Humanities", ""},
    {"prehistory", "Humanities", ""},
    {"professional_accounting", "Other", ""},
    {"professional_law", "Humanities", ""},
    {"professional_medicine", "Other", ""},
    {"professional_psychology", "Social sciences", ""},
    {"public_relations", "Social sciences", ""},
    {"security_studies", "Social sciences", ""},
    {"sociology", "Social sciences", ""},
    {"us_foreign_policy", "Social sciences", ""},
    {"virology", "Other", ""},
    {"world_religions", "Humanities", ""},
}};

inline constexpr std::array<exam_subject, 52> ceval_subjects = {{
    {"accountant", "Other", "注册会计师"},
    {"advanced_mathematics", "STEM", "高等数学"},
    {"art_studies", "Humanities", "艺术学"},
    {"basic_medicine", "Other", "基础医学"},
    {"business_administration", "Social sciences", "工商管理"},
    {"chinese_language_and_literature", "Humanities", "中国语言文学"},
    {"civil_servant", "Other", "公务员"},
    {"clinical_medicine", "Other", "临床医学"},
    {"college_chemistry", "STEM", "大学化学"},
    {"college_economics", "Social sciences", "大学经济学"},
    {"college_physics", "STEM", "大学物理"},
    {"college_programming", "STEM", "大学编程"},
    {"computer_architecture", "STEM", "计算机组成"},
    {"computer_network", "STEM", "计算机网络"},
    {"discrete_mathematics", "STEM", "离散数学"},
    {"education_science", "Social sciences", "教育学"},
    {"electrical_engineer", "STEM", "注册电气工程师"},
    {"environmental_impact_assessment_engineer", "Other", "环境影响评价工程师"},
    {"fire_engineer", "Other", "注册消防工程师"},
    {"high_school_biology", "STEM", "高中生物"},
    {"high_school_chemistry", "STEM", "高中化学"},
    {"high_school_chinese", "Humanities", "高中语文"},
    {"high_school_geography", "Social sciences", "高中地理"},
    {"high_school_history", "Humanities", "高中历史"},
    {"high_school_mathematics", "STEM", "高中数学"},
    {"high_school_physics", "STEM", "高中物理"},
    {"high_school_politics", "Social sciences", "高中政治"},
    {"ideological_and_moral_cultivation", "Humanities", "思想道德修养与法律基础"},
    {"law", "Humanities", "法学"},
    {"legal_professional", "Humanities", "法律职业资格"},
    {"logic", "Humanities", "逻辑学"},
    {"mao_zedong_thought", "Social sciences", "毛泽东思想和中国特色社会主义理论体系概论"},
    {"marxism", "Social sciences", "马克思主义基本原理"},
    {"metrology_engineer", "STEM", "注册计量师"},
    {"middle_school_biology", "STEM", "初中生物"},
    {"middle_school_chemistry", "STEM", "初中化学"},
    {"middle_school_geography", "Social sciences", "初中地理"},
    {"middle_school_history", "Humanities", "初中历史"},
    {"middle_school_mathematics", "STEM", "初中数学"},
    {"middle_school_physics", "STEM", "初中物理"},
    {"middle_school_politics", "Social sciences", "初中政治"},
    {"modern_chinese_history", "Humanities", "近代史纲要"},
    {"operating_system", "STEM", "操作系统"},
    {"physician", "Other", "医师资格"},
    {"plant_protection", "Other", "植物保护"},
    {"probability_and_statistics", "STEM", "概率统计"},
    {"professional_tour_guide", "Humanities", "导游资格"},
    {"sports_science", "Other", "体育学"},
    {"tax_accountant", "Other", "税务师"},
    {"teacher_qualification", "Social sciences", "教师资格"},
    {"urban_and_rural_planner", "Other", "注册城乡规划师"},
    {"veterinary_medicine", "STEM", "兽医学"},
}};

// nullptr where no subject has that name.
[[nodiscard]] constexpr exam_subject const* find_subject(std::span<exam_subject const> subjects,
                                                         std::string_view              name) {
    auto const at = std::lower_bound(subjects.begin(), subjects.end(), name,
                                     [](exam_subject const& s, std::string_view n) { return s.name < n; });
    return at != subjects.end() && at->name == name ? &*at : nullptr;
}

} // namespace qeval
