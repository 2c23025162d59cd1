import { describe, expect, it } from "vitest";
import { taskNames } from "../../../src/experiments/experts/contributions.js";
import { languageNames } from "../../../src/experiments/experts/languages.js";
import {
  experimentTasks,
  otherTasks,
  sentenceHalves,
  sentenceTasks,
  tasksOnSentences,
} from "../../../src/experiments/experts/play-experts.js";
import { expertsProfiles, expertsSettings } from "../../../src/experiments/experts/settings.js";

describe.each(expertsProfiles)("the questions of profile %s", (profile) => {
  const settings = expertsSettings(profile);
  const tasks = experimentTasks(settings, 3);
  const others = otherTasks(tasks, 4);
  const prompts = (own: typeof tasks, t: number) => own[t].questions.map(({ prompt }) => prompt);

  it("are nine tasks of as many questions and sentences as the profile says", () => {
    expect(tasks.map(({ name }) => name)).toEqual(taskNames);
    tasks.forEach(({ name, questions }) => {
      const language = (languageNames as readonly string[]).includes(name);
      expect(questions).toHaveLength(language ? settings.sentences : settings.questions);
      if (language)
        for (const { answer } of questions) expect([...answer].length).toBeLessThanOrEqual(settings.answerLength);
    });
  });

  it("that test are none of those that were played, but for sentences, of which one half tests", () => {
    tasks.forEach(({ name, questions }, t) => {
      if ((languageNames as readonly string[]).includes(name)) return expect(others[t]).toEqual(tasks[t]);
      expect(new Set([...prompts(tasks, t), ...prompts(others, t)]).size).toBe(2 * questions.length);
    });
    const [ranking, testing] = sentenceHalves(settings.sentences);
    expect([...ranking, ...testing].sort((a, b) => a - b)).toEqual([...Array(settings.sentences).keys()]);
    const german = taskNames.indexOf("German");
    expect(prompts(tasksOnSentences(tasks, testing), german)).toEqual(testing.map((s) => prompts(tasks, german)[s]));
    expect(sentenceTasks(tasks, "German").map(({ questions: [{ prompt }] }) => prompt)).toEqual(prompts(tasks, german));
  });
});

it("without the decoders says where they are", () => {
  expect(() => expertsSettings("smoke", "nowhere")).toThrow(
    "the small trained decoders is not available; they come with a clone of the project, in data/checkpoints/experts",
  );
});

it("there is no other profile", () => {
  expect(() => expertsSettings("quick" as never)).toThrow(/invalid profile; expected one of smoke, default, paper/);
});
